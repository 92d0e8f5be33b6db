/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck diff as a user runs it, over captures of real kernels. */
#include "cmd/diff.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define CAPTURE(name) "tests/data/captures/" name ".zst"

static struct run run;

static void expect_change(const char *a, const char *b, enum diff_change change)
{
	cr_expect_eq(diff_change_of(a, b), change, "%s to %s is %s", a ?: "nothing",
		     b ?: "nothing", diff_change_name(diff_change_of(a, b)));
}

Test(cmd_diff, changes)
{
	expect_change("writable", "sealed", DIFF_SEALED);
	expect_change("mixed", "sealed", DIFF_SEALED);
	expect_change("sealed", "writable", DIFF_UNSEALED);
	expect_change("sealed", "mixed", DIFF_UNSEALED);
	expect_change("writable", "unmapped", DIFF_CHANGED);
	expect_change("sealed", "unknown", DIFF_UNKNOWN);
	expect_change("unknown", "writable", DIFF_UNKNOWN);
	expect_change("unknown", "unknown", DIFF_UNKNOWN);
	expect_change(NULL, "sealed", DIFF_APPEARED);
	expect_change("sealed", NULL, DIFF_GONE);
	expect_change("sealed", "sealed", DIFF_SAME);
}

/* The change of a symbol in the answer; "": there is no row of it. */
static const char *change_of(const json_t *report, const char *kind, const char *name)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(report, "results"), i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0 &&
		    strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
			return json_string_value(json_object_get(row, "change"));
	}
	return "";
}

Test(cmd_diff, a_kernel_is_like_itself)
{
	run_kwcheck(&run, "diff " CAPTURE("6.1") " " CAPTURE("6.1"));
	cr_expect_eq(run.status & EXIT_NO, 0, "%s", run.out);
	cr_expect_not_null(strstr(run.out, " symbols, "), "%s", run.out);
	cr_expect_null(strstr(run.out, " in A only"), "%s", run.out);
}

/* Symbols that one of both has not got, and such as changed sides. */
Test(cmd_diff, two_series)
{
	json_t *report;

	/* Longer than struct run has room for. */
	run_kwcheck(&run, "diff --json " CAPTURE("6.1") " " CAPTURE(
				  "7") " >/tmp/kwcheck-unit-diff");
	report = json_load_file("/tmp/kwcheck-unit-diff", 0, NULL);
	unlink("/tmp/kwcheck-unit-diff");
	cr_assert_not_null(report, "%s", run.err);
	cr_expect_eq(json_array_size(json_object_get(report, "kernels")), 2);
	cr_expect_str_eq(change_of(report, "symbol", "security_hook_heads"), "gone");
	cr_expect_str_eq(change_of(report, "symbol", "static_calls_table"), "appeared");
	cr_expect_str_eq(change_of(report, "symbol", "apparmor_hooks"), "");
	json_decref(report);
}

Test(cmd_diff, what_cannot_be_asked)
{
	run_kwcheck(&run, "diff /none " CAPTURE("6.1"));
	cr_expect_eq(run.status, EXIT_UNDECIDED);
	cr_expect_not_null(strstr(run.err, "/none: "), "%s", run.err);
	run_kwcheck(&run, "diff --json " CAPTURE("6.1") " /none");
	cr_expect_eq(run.status, EXIT_UNDECIDED);
	cr_expect_not_null(strstr(run.out, "\"errors\":[{"), "%s", run.out);
	run_kwcheck(&run, "diff " CAPTURE("6.1"));
	cr_expect_eq(run.status, EXIT_USAGE);
	run_kwcheck(&run, "diff --core=x a b");
	cr_expect_eq(run.status, EXIT_USAGE);
}
