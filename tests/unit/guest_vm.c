/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU is a script here, which says on the console what a guest would; the real one is
 * tests/vm/test-kernel.sh's.
 */
#include "guest/vm.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/protocol.h"

static char folder[] = "/tmp/kwcheck-unit-XXXXXX";
static char program[64];
static struct vm vm;
static struct error err;

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	chmod(folder, 0755);
	snprintf(program, sizeof(program), "%s/qemu-system-x86_64", folder);
	setenv("PATH", folder, 1);
}

static void teardown(void)
{
	unlink(program);
	cr_expect_eq(rmdir(folder), 0);
}

TestSuite(guest_vm, .init = setup, .fini = teardown);

/* Boots by a script of @commands. */
static int boot(const char *commands)
{
	const struct vm_wish wish = {.name = "vmlinuz",
				     .image = "x",
				     .image_bytes = 1,
				     .append = "",
				     .mib = 64};
	FILE *file = fopen(program, "w");
	struct vm_qemu qemu;

	cr_assert_not_null(file);
	fprintf(file, "#!/bin/sh\nPATH=/bin:/usr/bin\n%s\n", commands);
	fclose(file);
	chmod(program, 0755);
	err = (struct error){0};
	cr_assert_eq(vm_find_qemu(&qemu, &err), 0, "%s", err.message);
	cr_expect_str_eq(qemu.path, program);
	return vm_boot(&vm, &wish, &qemu, &err);
}

Test(guest_vm, memory_sizes)
{
	static const struct {
		const char *text;
		unsigned mib; /* 0: refused */
	} cases[] = {
		{"256", 256},
		{"512M", 512},
		{"512m", 512},
		{"1G", 1024},
		{"3g", 3072},
		{"3072M", 3072},
		{"64", 64},
		{"63", 0},
		{"4G", 0},
		{"3073", 0},
		{"", 0},
		{"M", 0},
		{"-256", 0},
		{"256K", 0},
		{"256MB", 0},
		{"0x100", 0},
		{"18446744073709551615G", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned mib = 0;
		int r = vm_parse_memory(cases[i].text, &mib);

		cr_expect_eq(r, cases[i].mib ? 0 : -EINVAL, "%s", cases[i].text);
		cr_expect_eq(mib, cases[i].mib, "%s: %u", cases[i].text, mib);
	}
}

Test(guest_vm, without_qemu_the_packages_are_named)
{
	struct vm_qemu qemu;

	if (access("/usr/libexec/qemu-kvm", X_OK) == 0)
		cr_skip_test("RHEL's QEMU is here");
	cr_expect_eq(vm_find_qemu(&qemu, &err), -ENOENT);
	cr_expect_eq(err.code, ERROR_NO_QEMU);
	cr_expect_not_null(strstr(err.message, "qemu-system-x86 (Debian"), "%s",
			   err.message);
}

Test(guest_vm, what_init_says)
{
	char *about;

	cr_assert_eq(boot("printf 'Linux version 1\\r\\n'\n"
			  "printf '\\r\\n" PROTOCOL_BEGIN "\\r\\nRELEASE=6.1\\r\\n'\n"
			  "printf 'LSM=a,b\\r\\n" PROTOCOL_END "\\r\\n'\nexit 67"),
		     0, "%s", err.message);
	about = vm_about(&vm);
	cr_expect_str_eq(about, "RELEASE=6.1\nLSM=a,b\n");
	free(about);
	vm_close(&vm);
}

/* Where init may not use ports the machine is ended from outside. */
Test(guest_vm, a_machine_that_does_not_end, .timeout = 10)
{
	cr_assert_eq(boot("echo Linux version 1\necho " PROTOCOL_BEGIN "\necho "
			  "" PROTOCOL_END "\nexec sleep 1000"),
		     0, "%s", err.message);
	vm_close(&vm);
}

static void expect_failure(const char *commands, const char *part)
{
	cr_expect_lt(boot(commands), 0);
	cr_expect_eq(err.code, ERROR_NO_BOOT);
	cr_expect_not_null(strstr(err.message, part), "%s", err.message);
}

Test(guest_vm, what_goes_wrong_is_one_line, .timeout = 20)
{
	expect_failure("echo 'Linux version 1'\n"
		       "echo '[ 1.0] Kernel panic - not syncing: VFS: no root'\n"
		       "echo '[ 1.1] ---[ end'\nexit 0",
		       "does not come to its init in QEMU: 'Kernel panic - not syncing: "
		       "VFS: no root'");
	expect_failure("echo 'qemu: unable to find CPU model' >&2\nexit 1",
		       "QEMU ended before the kernel came to its init: 'qemu: unable to "
		       "find CPU model'");
	expect_failure("kill -9 $$", "QEMU ended");
	/* It says no more, and does not end. */
	expect_failure(
		"printf 'Decompressing Linux...\\r\\n\\r\\nZSTD-compressed data is '\n"
		"printf 'corrupt\\r\\n\\r\\n -- System halted'\nexec sleep 1000",
		"'-- System halted'");
	/* Only the words between both marks are init's. */
	expect_failure("echo Linux version 1\necho " PROTOCOL_END "\nexit 67",
		       "QEMU ended");
}

Test(guest_vm, a_long_console_keeps_its_end)
{
	cr_assert_eq(boot("echo Linux version 1; yes 0123456789 | head -c 3000000\n"
			  "echo " PROTOCOL_BEGIN "; echo A=1; echo " PROTOCOL_END
			  "\nexit 67"),
		     0, "%s", err.message);
	vm_close(&vm);
}

/* Once a trial has begun a kernel has booted, however it ends. */
Test(guest_vm, a_trial_that_stops_the_kernel)
{
	cr_assert_eq(boot("echo Linux version 1\necho " PROTOCOL_BEGIN "\n"
			  "echo '" PROTOCOL_TRIAL "load'\n"
			  "echo '[ 1.0] Kernel panic - not syncing: x'"),
		     0, "%s", err.message);
	cr_expect_not(vm.has_ended);
	cr_expect_not_null(strstr(vm.console, "Kernel panic"));
	vm_close(&vm);
	cr_assert_eq(boot("echo Linux version 1\necho " PROTOCOL_BEGIN "\n"
			  "echo '" PROTOCOL_TRIAL "done'\necho " PROTOCOL_END
			  "\nexit 67"),
		     0, "%s", err.message);
	cr_expect(vm.has_ended);
	vm_close(&vm);
}

/* Pages in any order; a stale one with a wrong head is none. */
static void put_page(uint32_t at, uint32_t index, uint32_t nr, const char *text)
{
	struct protocol_page page = {
		.index = index, .nr_pages = nr, .nr_bytes = (uint32_t)strlen(text)};

	memcpy(page.magic, PROTOCOL_PAGE_MAGIC, sizeof(page.magic));
	strcpy(page.bytes, text);
	cr_assert_eq(pwrite(vm.ram_fd, &page, sizeof(page), at * (off_t)sizeof(page)),
		     sizeof(page));
}

Test(guest_vm, kallsyms_out_of_memory)
{
	FILE *file = tmpfile(), *to = tmpfile();
	char text[64] = "";

	vm.ram_fd = fileno(file);
	cr_assert_eq(ftruncate(vm.ram_fd, 64 * 4096), 0);
	cr_expect_eq(vm_kallsyms(&vm, fileno(to)), -ENOENT);
	put_page(9, 0, 2, "first, ");
	put_page(10, 7, 2, "no such number");
	cr_expect_eq(vm_kallsyms(&vm, fileno(to)), -ENOENT);
	put_page(3, 1, 2, "second");
	cr_assert_eq(ftruncate(fileno(to), 0), 0);
	rewind(to);
	cr_expect_eq(vm_kallsyms(&vm, fileno(to)), 0);
	cr_expect_eq(read(fileno(to), text, sizeof(text) - 1), 13);
	cr_expect_str_eq(text, "first, second");
	fclose(file);
	fclose(to);
}
