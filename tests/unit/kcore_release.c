/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/release.h"

#include <criterion/criterion.h>

Test(kcore_release, numbers)
{
	cr_expect_eq(release_number("4.19.82-wwh"), RELEASE(4, 19));
	cr_expect_eq(release_number("6.12.107+deb13-amd64"), RELEASE(6, 12));
	cr_expect_eq(release_number("7.3"), RELEASE(7, 3));
	cr_expect_lt(release_number("6.9"), RELEASE(6, 16));
	cr_expect_lt(release_number("6.16"), RELEASE(7, 0));
}

Test(kcore_release, what_is_none)
{
	static const char *const rows[] = {"",	    "4",     "4.",   "4.x",
					   "999.1", "1.999", "v6.1", "99999999999.1"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(release_number(rows[i]), 0, "%s", rows[i]);
}
