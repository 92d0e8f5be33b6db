/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/preflight_list.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

static const struct options options;

Test(cmd_preflight_list, the_worst_first_the_others_as_they_came)
{
	struct preflight_list list = {0};

	cr_redirect_stdout();
	preflight_list_add(&list, FINDING_CLEAN, "one\n", 4);
	preflight_list_add(&list, FINDING_REFUSED, "two\n", 4);
	preflight_list_add(&list, FINDING_WOULD_FAULT, "three\n", 6);
	preflight_list_add(&list, FINDING_REFUSED, "four\n", 5);
	preflight_list_add(&list, FINDING_UNDECIDED, "", 0);
	preflight_list_print(&list, &options, false);
	fflush(stdout);
	cr_assert_stdout_eq_str("three\ntwo\nfour\none\n");
	preflight_list_free(&list);
	cr_expect_eq(list.nr, 0);
}

/* Cells come in their own order, each with its end; a row may lack some. */
Test(cmd_preflight_list, rows_of_a_table)
{
	const struct options chosen = {.output = "kind,file,verdict", .noheadings = true};
	static const char clean[] = "d/a.ko\0init gives 0\0a.ko\0\0";
	static const char fault[] = "b.ko\0[store] writes\0b.ko\0store\0f+0x1\0";
	static const char bad[] = "c.ko\0no module\0";
	struct preflight_list list = {.is_table = true};

	preflight_list_add(&list, FINDING_CLEAN, clean, sizeof(clean) - 1);
	preflight_list_add(&list, FINDING_UNDECIDED, bad, sizeof(bad) - 1);
	preflight_list_add(&list, FINDING_WOULD_FAULT, fault, sizeof(fault) - 1);
	cr_redirect_stdout();
	preflight_list_print(&list, &options, false);
	preflight_list_print(&list, &chosen, false);
	fflush(stdout);
	cr_assert_stdout_eq_str("VERDICT     MODULE WHAT\n"
				"would-fault b.ko   [store] writes\n"
				"undecided   c.ko   no module\n"
				"clean       d/a.ko init gives 0\n"
				"store b.ko would-fault\n"
				"-     -    undecided\n"
				"-     a.ko clean\n");
	preflight_list_free(&list);
}

Test(cmd_preflight_list, no_such_column)
{
	const struct options wrong = {.output = "size"};
	struct error err = {0};

	cr_expect_lt(preflight_list_check(&wrong, &err), 0);
	cr_expect_not_null(strstr(err.message, "there are VERDICT, MODULE"), "%s",
			   err.message);
}
