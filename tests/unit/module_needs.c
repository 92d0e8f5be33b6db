/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/needs.h"

#include <criterion/criterion.h>

Test(module_needs, each_once_in_order)
{
	struct needs needs = {0};

	cr_assert_eq(needs_add(&needs, 7, false), 0);
	cr_assert_eq(needs_add(&needs, 3, true), 0);
	cr_assert_eq(needs_add(&needs, 7, false), 0);
	cr_expect_eq(needs.nr, 2);
	cr_expect_eq(needs.array[0].number, 7);
	cr_expect_eq(needs.array[1].number, 3);
	cr_expect(needs_has(&needs, 3));
	cr_expect_not(needs_has(&needs, 4));
	needs_close(&needs);
	cr_expect_not(needs_has(&needs, 3));
}

Test(module_needs, once_required_always_required)
{
	struct needs needs = {0};

	cr_assert_eq(needs_add(&needs, 1, true), 0);
	cr_assert_eq(needs_add(&needs, 2, false), 0);
	cr_expect(needs.array[0].is_optional);
	cr_assert_eq(needs_add(&needs, 1, false), 0);
	cr_assert_eq(needs_add(&needs, 2, true), 0);
	cr_expect_not(needs.array[0].is_optional);
	cr_expect_not(needs.array[1].is_optional);
	needs_close(&needs);
}
