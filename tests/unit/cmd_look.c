/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --kernel where there is nothing to look at: QEMU is a script here. What a real one
 * leaves is tests/vm/test-kernel.sh's.
 */
#include "cmd/look.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/protocol.h"
#include "run.h"

static char folder[] = "/tmp/kwcheck-unit-XXXXXX";
static struct run run;

static void shell(const char *commands)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && { %s; }", folder, commands);
	cr_assert_eq(system(line), 0, "%s", line);
}

/* No more of a bzImage than is looked at before QEMU is. */
static void write_image(void)
{
	unsigned char bytes[4096] = {0};
	char path[64];
	FILE *file;

	bytes[0x1fe] = 0x55;
	bytes[0x1ff] = 0xaa;
	memcpy(bytes + 0x202, "HdrS", 4);
	bytes[0x206] = 0x0f;
	bytes[0x207] = 0x02;
	bytes[0x236] = 1;
	snprintf(path, sizeof(path), "%s/vmlinuz", folder);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, sizeof(bytes), file), sizeof(bytes));
	fclose(file);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	chmod(folder, 0755);
	shell("mkdir cache bin");
	write_image();
}

static void teardown(void)
{
	shell("rm -rf cache bin vmlinuz");
	cr_expect_eq(remove(folder), 0);
}

TestSuite(cmd_look, .init = setup, .fini = teardown);

static void write_qemu(const char *commands)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bin/qemu-system-x86_64", folder);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fprintf(file, "#!/bin/sh\nPATH=/bin:/usr/bin\n%s\n", commands);
	fclose(file);
	chmod(path, 0755);
}

static void look(const char *more)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "PATH=%s/bin XDG_CACHE_HOME=%s/cache exec " KWCHECK_BINARY
		 " --kernel=%s/%s a",
		 folder, folder, folder, more);
	run_shell(&run, line);
}

static void expect_nothing_kept(void)
{
	shell("[ -z \"$(find cache -type f ! -name no-kvm)\" ]");
}

Test(cmd_look, a_kernel_that_panics)
{
	write_qemu("echo 'Linux version 1'\necho '[ 1.0] Kernel panic - not syncing: x'");
	look("vmlinuz");
	cr_expect_eq(run.status, EXIT_UNDECIDED);
	cr_expect_not_null(strstr(run.err, "Kernel panic - not syncing: x"), "%s",
			   run.err);
	expect_nothing_kept();
}

/* It says what init would, and leaves memory that no kernel was in. */
Test(cmd_look, memory_without_a_kernel)
{
	write_qemu("echo 'Linux version 1'\necho '" PROTOCOL_BEGIN "'\necho RELEASE=1\n"
		   "echo '" PROTOCOL_END "'\nexit 67");
	look("vmlinuz --memory=64M");
	cr_expect_eq(run.status, EXIT_UNDECIDED);
	cr_expect_not_null(
		strstr(run.err, "it was booted, but what it left cannot be read"), "%s",
		run.err);
	expect_nothing_kept();
}

Test(cmd_look, what_is_no_kernel)
{
	write_qemu("exit 1");
	look("none");
	cr_expect_eq(run.status, EXIT_UNDECIDED);
	cr_expect_not_null(strstr(run.err, "none: "), "%s", run.err);
	look("cache");
	cr_expect_not_null(strstr(run.err, "not a file; give a vmlinuz"), "%s", run.err);
	look("bin/qemu-system-x86_64");
	cr_expect_not_null(strstr(run.err, "not a kernel"), "%s", run.err);
	shell("[ ! -e cache/kwcheck ]");
}

Test(cmd_look, without_qemu)
{
	if (access("/usr/libexec/qemu-kvm", X_OK) == 0)
		cr_skip_test("RHEL's QEMU is here");
	look("vmlinuz");
	cr_expect_eq(run.status, EXIT_UNDECIDED);
	cr_expect_not_null(strstr(run.err, "install qemu-system-x86"), "%s", run.err);
}
