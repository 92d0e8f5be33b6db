/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's init: says on the console what kernel this is, then ends the machine while
 * no kernel code is under way. What is looked at is the memory that it leaves.
 *
 * A program of its own, without a C library; the makefile puts it into kwcheck. With a
 * trial the kernel calls it by modprobe's name, too.
 */
#include <stddef.h>
#include <stdint.h>

#include "guest/init/system.h"
#include "guest/init/trial.h"
#include "guest/protocol.h"

enum {
	NAME_BYTES = 65, /* of a field of struct utsname */
	LINE_BYTES = 4096,
};

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
	long n = read_file(path, line, sizeof(line));

	if (n < 0)
		line[n = 0] = '\0';
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

static void __attribute__((noreturn)) be_init(void)
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
	trial_run();
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

/* The kernel calls modprobe with three words: kernel/module/kmod.c:call_modprobe(). No
 * file is open in such a process.
 */
static void __attribute__((noreturn)) be_modprobe(long nr_words, char **words)
{
	int status;

	for (int i = 0; i < 3; i++)
		call(CALL_OPEN, (long)"/dev/console", OPEN_READ_WRITE, 0, 0, 0);
	status = nr_words > 1 ? trial_modprobe(words[nr_words - 1]) : 1;
	for (;;)
		call(CALL_EXIT, status, 0, 0, 0, 0);
}

void start(long *stack) __attribute__((noreturn, used));

/* @stack: as the kernel leaves it: how many words, and the words. */
void start(long *stack)
{
	if (call(CALL_GETPID, 0, 0, 0, 0, 0) == 1)
		be_init();
	be_modprobe(stack[0], (char **)(stack + 1));
}

__asm__(".pushsection .text\n"
	".global _start\n"
	"_start: mov %rsp, %rdi\n"
	"and $-16, %rsp\n"
	"call start\n"
	".popsection\n");
