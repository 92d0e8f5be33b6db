/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/nameindex.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

Test(kcore_nameindex, what_is_empty_has_nothing)
{
	struct nameindex index = {0};
	size_t number;

	cr_expect(!nameindex_first(&index, "a", &number));
	cr_assert_eq(nameindex_open(&index, 0), 0);
	cr_expect(!nameindex_first(&index, "a", &number));
	nameindex_close(&index);
	cr_expect_eq(nameindex_open(&index, (size_t)1 << 32), -ENOMEM);
}

/* Each name of 1,000 is found among those of its hash; of two the last one added first.
 */
Test(kcore_nameindex, every_name_is_found)
{
	enum { NR = 1000 };
	struct nameindex index;
	char name[16];

	cr_assert_eq(nameindex_open(&index, 2 * NR), 0);
	for (size_t i = 0; i < 2 * NR; i++) {
		snprintf(name, sizeof(name), "name_%zu", i % NR);
		nameindex_add(&index, i, name);
	}
	for (size_t i = 0; i < NR; i++) {
		size_t found[2], nr = 0, number;

		snprintf(name, sizeof(name), "name_%zu", i);
		for (bool more = nameindex_first(&index, name, &number); more;
		     more = nameindex_next(&index, &number))
			if (number % NR == i && nr < 2)
				found[nr++] = number;
		cr_assert_eq(nr, 2, "%s", name);
		cr_expect_eq(found[0], i + NR);
		cr_expect_eq(found[1], i);
	}
	nameindex_close(&index);
}
