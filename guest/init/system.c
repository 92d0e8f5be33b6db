/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's calls and some text, for programs without a C library. */
#include "guest/init/system.h"

enum { DRAIN = 0x5409 /* TCSBRK, with 1: tcdrain(3) */ };

/* The compiler calls them for assignments and loops. */
void *memset(void *to, int byte, size_t nr);
void *memcpy(void *to, const void *from, size_t nr);

void *memset(void *to, int byte, size_t nr)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(nr) : "a"(byte) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t nr)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(nr) : : "memory");
	return to;
}

long call(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

/* One write for each line: modprobe's processes write at the same time. */
static struct {
	char bytes[2048];
	size_t nr;
} line;

static void write_line(void)
{
	for (size_t at = 0; at < line.nr;) {
		long n = call(CALL_WRITE, 1, (long)(line.bytes + at),
			      (long)(line.nr - at), 0, 0);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	line.nr = 0;
}

void put_bytes(const char *bytes, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		line.bytes[line.nr++] = bytes[i];
		/* A newline in front ends a line that the kernel began. */
		if (line.nr == sizeof(line.bytes) || (bytes[i] == '\n' && line.nr > 1))
			write_line();
	}
}

size_t length_of(const char *text)
{
	size_t nr = 0;

	while (text[nr])
		nr++;
	return nr;
}

bool is_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

void put(const char *text)
{
	put_bytes(text, length_of(text));
}

void put_number(long number)
{
	char digits[24];
	size_t at = sizeof(digits);
	unsigned long left = number < 0 ? -(unsigned long)number : (unsigned long)number;

	do
		digits[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		digits[--at] = '-';
	put_bytes(digits + at, sizeof(digits) - at);
}

void put_flush(void)
{
	write_line();
	call(CALL_IOCTL, 1, DRAIN, 1, 0, 0);
}

long read_file(const char *path, char *ret, size_t room)
{
	long fd = call(CALL_OPEN, (long)path, 0, 0, 0, 0), nr = 0, n = 0;

	if (fd < 0)
		return fd;
	while ((size_t)nr < room - 1 &&
	       (n = call(CALL_READ, fd, (long)(ret + nr), (long)room - 1 - nr, 0, 0)) > 0)
		nr += n;
	call(CALL_CLOSE, fd, 0, 0, 0, 0);
	ret[nr] = '\0';
	return n < 0 ? n : nr;
}
