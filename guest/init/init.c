/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's init: says on the console what kernel this is, then ends the machine while
 * no kernel code is under way. What is looked at is the memory that it leaves.
 *
 * A program of its own, without a C library; the makefile puts it into kwcheck.
 */
#include <stddef.h>
#include <stdint.h>

#include "guest/protocol.h"

enum {
	CALL_READ = 0,
	CALL_WRITE = 1,
	CALL_OPEN = 2,
	CALL_CLOSE = 3,
	CALL_PAUSE = 34,
	CALL_UNAME = 63,
	CALL_SYSLOG = 103,
	CALL_MOUNT = 165,
	CALL_IOPERM = 173,
	CONSOLE_OFF = 6, /* SYSLOG_ACTION_CONSOLE_OFF */
	NAME_BYTES = 65, /* of a field of struct utsname */
	LINE_BYTES = 4096,
};

static long call(long number, long a, long b, long c, long d, long e)
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

static void put_bytes(const char *bytes, size_t nr)
{
	while (nr) {
		long n = call(CALL_WRITE, 1, (long)bytes, (long)nr, 0, 0);

		if (n <= 0)
			return;
		bytes += n;
		nr -= (size_t)n;
	}
}

static void put(const char *text)
{
	size_t nr = 0;

	while (text[nr])
		nr++;
	put_bytes(text, nr);
}

static void put_value(const char *key, const char *value)
{
	put(key);
	put("=");
	put(value);
	put("\n");
}

static void put_file(const char *key, const char *path)
{
	static char line[LINE_BYTES];
	long fd = call(CALL_OPEN, (long)path, 0, 0, 0, 0), n = 0;

	if (fd >= 0) {
		n = call(CALL_READ, fd, (long)line, sizeof(line) - 1, 0, 0);
		call(CALL_CLOSE, fd, 0, 0, 0, 0);
	}
	if (n < 0)
		n = 0;
	line[n] = '\0';
	for (long i = 0; i < n; i++)
		if (line[i] == '\n')
			line[i] = '\0';
	put_value(key, line);
}

/* Intel SDM vol. 2, CPUID, leaf 80000008H. */
static void put_physical_bits(void)
{
	uint32_t eax = 0x80000008, ebx, ecx = 0, edx;
	char text[4] = "";

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	eax &= 0xff;
	text[0] = (char)('0' + eax / 10 % 10);
	text[1] = (char)('0' + eax % 10);
	put_value("PHYS_BITS", text);
}

static struct protocol_page pages[PROTOCOL_MAX_PAGES]
	__attribute__((aligned(PROTOCOL_PAGE_BYTES)));

/* Fills a page as far as the file goes. Returns the bytes in it. */
static uint32_t fill_page(long fd, struct protocol_page *page)
{
	uint32_t nr = 0;

	while (nr < sizeof(page->bytes)) {
		long n = call(CALL_READ, fd, (long)(page->bytes + nr),
			      (long)(sizeof(page->bytes) - nr), 0, 0);

		if (n <= 0)
			break;
		nr += (uint32_t)n;
	}
	return nr;
}

/* More than there is room for is left out as a whole: no page is told as one then. */
static void keep_kallsyms(void)
{
	static const char magic[] = PROTOCOL_PAGE_MAGIC;
	long fd = call(CALL_OPEN, (long)"/proc/kallsyms", 0, 0, 0, 0);
	uint32_t nr = 0;

	while (fd >= 0 && nr < PROTOCOL_MAX_PAGES &&
	       (pages[nr].nr_bytes = fill_page(fd, &pages[nr])))
		nr++;
	for (uint32_t i = 0; i < nr && nr < PROTOCOL_MAX_PAGES; i++) {
		pages[i].index = i;
		pages[i].nr_pages = nr;
		for (size_t c = 0; c < sizeof(pages[i].magic); c++)
			pages[i].magic[c] = magic[c];
	}
}

static void mount(const char *type, const char *where)
{
	call(CALL_MOUNT, (long)type, (long)where, (long)type, 0, 0);
}

void _start(void) __attribute__((noreturn));

void _start(void)
{
	static struct {
		char sysname[NAME_BYTES], nodename[NAME_BYTES], release[NAME_BYTES],
			version[NAME_BYTES], rest[2 * NAME_BYTES];
	} names;

	/* No line of the kernel's comes between these. */
	call(CALL_SYSLOG, CONSOLE_OFF, 0, 0, 0, 0);
	mount("proc", "/proc");
	mount("sysfs", "/sys");
	mount("securityfs", "/sys/kernel/security");
	call(CALL_UNAME, (long)&names, 0, 0, 0, 0);
	keep_kallsyms();
	put("\n" PROTOCOL_BEGIN "\n");
	put_value("RELEASE", names.release);
	put_value("VERSION", names.version);
	put_physical_bits();
	put_file("CMDLINE", "/proc/cmdline");
	put_file("LOCKDOWN", "/sys/kernel/security/lockdown");
	put_file("LSM", "/sys/kernel/security/lsm");
	put_file("MODULES_DISABLED", "/proc/sys/kernel/modules_disabled");
	put_file("SIG_ENFORCE", "/sys/module/module/parameters/sig_enforce");
	put(PROTOCOL_END "\n");
	/* The port ends QEMU from user mode: this CPU holds no lock of the kernel's.
	 * Where ports are not to be had (lockdown), QEMU is ended from outside.
	 */
	if (call(CALL_IOPERM, PROTOCOL_PORT, 1, 1, 0, 0) == 0)
		__asm__ volatile("outb %0, %1"
				 :
				 : "a"((uint8_t)PROTOCOL_VALUE),
				   "d"((uint16_t)PROTOCOL_PORT));
	for (;;)
		call(CALL_PAUSE, 0, 0, 0, 0, 0);
}
