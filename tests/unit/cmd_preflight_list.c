/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/preflight_list.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>

Test(cmd_preflight_list, the_worst_first_the_others_as_they_came)
{
	struct preflight_list list = {0};

	cr_redirect_stdout();
	preflight_list_add(&list, FINDING_CLEAN, "one\n", 4);
	preflight_list_add(&list, FINDING_REFUSED, "two\n", 4);
	preflight_list_add(&list, FINDING_WOULD_FAULT, "three\n", 6);
	preflight_list_add(&list, FINDING_REFUSED, "four\n", 5);
	preflight_list_add(&list, FINDING_UNDECIDED, "", 0);
	preflight_list_print(&list);
	fflush(stdout);
	cr_assert_stdout_eq_str("three\ntwo\nfour\none\n");
	preflight_list_free(&list);
	cr_expect_eq(list.nr, 0);
}
