/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck oops --vmlinux, as a user runs it: the kernel's file is this test's own, of
 * which oops_vmlinux.c has the banner and the function.
 */
#include "cmd/oops_debug.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

#define OOPS "oops --sysroot=/nonexistent --vmlinux=" KWCHECK_BINARY_DIR "/unit "

#ifdef KWCHECK_LIBDW

static struct run run;
static char folder[] = "/tmp/kwcheck-debug-XXXXXX";

/* A log of @release with the function's size, which this very build tells. */
static void write_log(const char *release)
{
	char path[64];
	unsigned long long size_bytes = 0;
	FILE *file = popen("nm -S " KWCHECK_BINARY_DIR "/unit | "
			   "sed -n 's/^[^ ]* \\([^ ]*\\) T oops_vmlinux_outer$/\\1/p'",
			   "re");

	cr_assert_not_null(file);
	cr_assert_eq(fscanf(file, "%llx", &size_bytes), 1);
	pclose(file);
	snprintf(path, sizeof(path), "%s/log", folder);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	fprintf(file,
		"BUG: unable to handle page fault for address: ffffbeef00000010\n"
		"#PF: supervisor read access in kernel mode\n"
		"#PF: error_code(0x0000) - not-present page\n"
		"PGD 0 P4D 0 \n"
		"Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
		"CPU: 0 PID: 77 Comm: cat Not tainted %s #1  Debian 6.1.192-1\n"
		"RIP: 0010:oops_vmlinux_outer+0x0/0x%llx\n"
		"Call Trace:\n"
		" oops_vmlinux_outer+0x1/0x%llx\n",
		release, size_bytes, size_bytes);
	fclose(file);
}

static void ask(const char *options)
{
	char arguments[512];

	snprintf(arguments, sizeof(arguments), OOPS "%s %s/log", options, folder);
	run_kwcheck(&run, arguments);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(cmd_oops_debug, .init = setup, .fini = teardown);

Test(cmd_oops_debug, of_this_kernel)
{
	write_log("6.1.0-55-amd64");
	ask("");
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "--vmlinux: of this kernel"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "source: oops_vmlinux_outer at "), "%s",
			   run.out);
	ask("--json");
	cr_expect_not_null(strstr(run.out, "\"kernel\":\"same\""), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "oops_vmlinux.c"), "%s", run.out);
}

Test(cmd_oops_debug, of_another_kernel)
{
	write_log("6.1.0-54-amd64");
	ask("");
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "of another kernel, so no line is given"),
			   "%s", run.out);
	cr_expect_null(strstr(run.out, "oops_vmlinux.c"), "%s", run.out);
	ask("--json");
	cr_expect_not_null(strstr(run.out, "\"kernel\":\"other\""), "%s", run.out);
}

Test(cmd_oops_debug, places)
{
	char path[128], link[128];
	struct oops_debug debug;
	struct error err = {0};

	snprintf(path, sizeof(path), "%s/nothing", folder);
	cr_expect_lt(oops_debug_open(&debug, path, &err), 0);
	cr_expect_not_null(strstr(err.message, "nothing"));
	snprintf(path, sizeof(path), "%s/vmlinux", folder);
	snprintf(link, sizeof(link), "%s/vmlinux.debug", folder);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	cr_assert_eq(oops_debug_open(&debug, path, &err), 0);
	cr_expect_eq(debug.nr, 1);
	oops_debug_close(&debug);
	cr_assert_eq(symlink(path, link), 0);
	cr_assert_eq(oops_debug_open(&debug, path, &err), 0);
	cr_expect_eq(debug.nr, 2);
	oops_debug_close(&debug);
}

#else

Test(cmd_oops_debug, without_libdw)
{
	static struct run run;

	run_kwcheck(&run, OOPS "/dev/null");
	cr_expect_neq(run.status, 0);
	cr_expect_not_null(strstr(run.err, "built without libdw"), "%s", run.err);
}

#endif
