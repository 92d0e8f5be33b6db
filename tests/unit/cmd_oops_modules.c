/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/oops_modules.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct oops_modules modules;
static struct error err;

static int open_modules(const char *log, const char *file, bool is_live)
{
	const struct options options = {.module = file,
					.sysroot = is_live ? "" : "/nonexistent"};
	const struct kernellog own = {.bytes = (char *)log, .nr_bytes = strlen(log)};
	struct logfiles none = {0};

	return oops_modules_open(&modules, &options, &none, &own, &err);
}

/* The log is hostile: only plain names are asked for. */
Test(cmd_oops_modules, names_of_rip_lines)
{
	static const char log[] = "RIP: 0010:f+0x1/0x2 [kwcheck_none_a]\n"
				  "RIP: 0010:f+0x1/0x2 [kwcheck_none_a]\n"
				  "Call: f+0x1/0x2 [kwcheck_none_x]\n"
				  "RIP: 0010:f+0x1/0x2\n [kwcheck_none_y]\n"
				  "RIP: 0010:f+0x1/0x2 [../../etc/passwd]\n"
				  "RIP: 0010:f+0x1/0x2 [a-b]\n"
				  "RIP: 0010:f+0x1/0x2 []\n"
				  "RIP: 0010:f+0x1/0x2 [kwcheck_none_cut";
	static const char more[] = "RIP: 0010:f+0x1/0x2 [kwcheck_none_b (OE)]\n";

	cr_assert_eq(open_modules(log, NULL, true), 0);
	cr_assert_eq(modules.nr, 1);
	cr_expect_str_eq(modules.array[0].name, "kwcheck_none_a");
	cr_expect_eq(modules.array[0].fd, -1);
	oops_modules_close(&modules);
	cr_assert_eq(open_modules(more, NULL, true), 0);
	cr_assert_eq(modules.nr, 1);
	cr_expect_str_eq(modules.array[0].name, "kwcheck_none_b");
	oops_modules_close(&modules);
	cr_assert_eq(open_modules(log, NULL, false), 0);
	cr_expect_eq(modules.nr, 0);
	oops_modules_close(&modules);
}

Test(cmd_oops_modules, no_more_than_there_is_room_for)
{
	char log[40 * 64] = "";

	for (int i = 0; i < 40; i++)
		sprintf(log + strlen(log), "RIP: 0010:f+0x1/0x2 [kwcheck_none_%d]\n", i);
	cr_assert_eq(open_modules(log, NULL, true), 0);
	cr_expect_eq(modules.nr, OOPS_MAX_MODULES);
	oops_modules_close(&modules);
}

Test(cmd_oops_modules, the_file_that_is_named)
{
	cr_expect_lt(open_modules("", "/nonexistent.ko", true), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	oops_modules_close(&modules);
	cr_assert_eq(
		open_modules("RIP: 0010:f+0x1/0x2 [kwcheck_none_a]\n", "/dev/null", true),
		0);
	cr_assert_eq(modules.nr, 2);
	cr_expect(modules.array[0].is_given);
	cr_expect_geq(modules.array[0].fd, 0);
	cr_expect_str_eq(modules.array[0].path, "/dev/null");
	cr_expect_str_eq(modules.array[1].name, "kwcheck_none_a");
	oops_modules_close(&modules);
}

/* A file's names are read where nothing can be opened, packed or not. */
Test(cmd_oops_modules, names_of_files)
{
	static const struct kernellog none = {0};
	const struct options options = {.sysroot = ""};
	char *operands[] = {(char[]){"tests/data/oops/7.3-lsm.txt"}};
	struct logfiles files;
	struct kernellog log;

	cr_assert_eq(logfiles_open(&files, operands, 1, 100), 0);
	cr_assert_eq(oops_modules_open(&modules, &options, &files, &none, &err), 0);
	cr_assert_eq(modules.nr, 1);
	cr_expect_str_eq(modules.array[0].name, "f01_hlist");
	oops_modules_close(&modules);
	/* And it can be read again. */
	cr_expect_eq(logfile_read(&files.array[0], &log, &err), 0);
	cr_expect_gt(log.nr_bytes, 4000);
	kernellog_free(&log);
	logfiles_close(&files);
}
