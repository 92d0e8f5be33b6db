/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/oops_modules.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct oops_modules modules;
static struct error err;

static int open_modules(const char *log, const char *file, bool is_live)
{
	return oops_modules_open(&modules, log, strlen(log), file, is_live, &err);
}

/* The log is hostile, and the privileges are still there: only plain names are asked for.
 */
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
