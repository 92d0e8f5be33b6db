/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck capture as a user runs it, on a small kernel in files. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "run.h"

static char sysroot[] = "/tmp/kwcheck-test-XXXXXX", folder[] = "/tmp/kwcheck-unit-XXXXXX";
static char path[64];
static struct run run;

static void setup(void)
{
	struct fake fake = {0};

	fake_write_sysroot(&fake, sysroot);
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/small.zst", folder);
}

static void teardown(void)
{
	fake_remove_sysroot(sysroot);
	unlink(path);
	cr_expect_eq(rmdir(folder), 0, "something is left in %s", folder);
}

TestSuite(cmd_capture, .init = setup, .fini = teardown);

static void capture(const char *arguments)
{
	char line[256];

	snprintf(line, sizeof(line), "capture --small --sysroot=%s %s", sysroot,
		 arguments);
	run_kwcheck(&run, line);
}

/* What was captured gives the answer that the kernel gave. */
Test(cmd_capture, answers_in_the_kernels_place)
{
	char line[256];

	capture(path);
	cr_assert_eq(run.status, 0, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "bytes (small); it holds the kernel's "
					   "addresses: keep it private\n"));
	snprintf(line, sizeof(line), "--core=%s vmlinux:apparmor_hooks", path);
	run_kwcheck(&run, line);
	cr_expect_eq(run.status, 1, "%s", run.err);
	cr_expect_not_null(strstr(run.out,
				  "apparmor_hooks  ffffffff81300000  2752 bytes  "
				  "read-only\n"),
			   "%s", run.out);
}

/* As some supervisors leave it to what they start. */
Test(cmd_capture, where_the_end_of_children_is_ignored)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "env --ignore-signal=CHLD " KWCHECK_BINARY
		 " capture --small --sysroot=%s %s",
		 sysroot, path);
	run_shell(&run, line);
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_eq(access(path, F_OK), 0);
}

Test(cmd_capture, never_over_a_file)
{
	FILE *file = fopen(path, "we");
	char content[16] = "";

	cr_assert_not_null(file);
	fputs("mine", file);
	fclose(file);
	capture(path);
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(strstr(run.err, "a capture is never written over a file"),
			   "%s", run.err);
	file = fopen(path, "re");
	cr_assert_not_null(fgets(content, sizeof(content), file));
	fclose(file);
	cr_expect_str_eq(content, "mine");
}

/* Nothing is left behind where nothing can be captured. */
Test(cmd_capture, failures)
{
	char line[256];

	snprintf(line, sizeof(line), "capture --sysroot=/nonexistent %s", path);
	run_kwcheck(&run, line);
	cr_expect_eq(run.status, 2);
	cr_expect_eq(access(path, F_OK), -1);
	capture("/nonexistent/file");
	cr_expect_eq(run.status, 2);
	capture("a b");
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "capture writes one FILE"));
	capture("");
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "nothing to capture"));
}

Test(cmd_capture, json)
{
	char line[128];

	snprintf(line, sizeof(line), "--json %s", path);
	capture(line);
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "\"command\":\"capture\",\"kernel\":null,"
					   "\"tool\":\"kwcheck " KWCHECK_VERSION
					   "\",\"results\":[{\"file\":\""),
			   "%s", run.out);
	cr_expect_not_null(
		strstr(run.out, "\"contents\":\"small\",\"one_moment\":true,"));
}

/* Of a core its own notes speak, not the system that it is asked on. */
Test(cmd_capture, of_a_capture_has_its_notes)
{
	static char bytes[16 * 1024];
	char line[256], plain[64];
	FILE *file;
	size_t nr;

	snprintf(plain, sizeof(plain), "%s/plain", folder);
	snprintf(line, sizeof(line),
		 "capture --small --core=tests/data/captures/6.1.zst %s", plain);
	run_kwcheck(&run, line);
	cr_assert_eq(run.status, 0, "%s", run.err);
	file = fopen(plain, "r");
	cr_assert_not_null(file);
	nr = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	unlink(plain);
	cr_expect_not_null(memmem(bytes, nr, "RELEASE=6.1.0-56-amd64\n", 23));
	cr_expect_not_null(memmem(bytes, nr, "\nCMDLINE=console=ttyS0", 22));
}
