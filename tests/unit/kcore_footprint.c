/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/footprint.h"

#include <criterion/criterion.h>

Test(kcore_footprint, frames_of_a_read)
{
	struct footprint footprint = {0};

	footprint_add(&footprint, 0x1ffc, 8);
	footprint_add(&footprint, 0x2ff8, 8);
	footprint_add(&footprint, 0x9000, 0x2000);
	cr_assert_eq(footprint.nr, 4);
	cr_expect_eq(footprint.pas[0], 0x1000);
	cr_expect_eq(footprint.pas[1], 0x2000);
	cr_expect_eq(footprint.pas[2], 0x9000);
	cr_expect_eq(footprint.pas[3], 0xa000);
	footprint_close(&footprint);
}

/* Frames that are read again and again take no room. */
Test(kcore_footprint, read_again)
{
	struct footprint footprint = {0};
	size_t nr[100] = {0};

	for (uint64_t i = 0; i < 1000000; i++)
		footprint_add(&footprint, i % 100 * 0x1000, 8);
	cr_expect_leq(footprint.room, 1024);
	for (size_t i = 0; i < footprint.nr; i++)
		nr[footprint.pas[i] / 0x1000]++;
	for (size_t i = 0; i < 100; i++)
		cr_expect_geq(nr[i], 1, "frame %zu", i);
	cr_expect(!footprint.is_lost);
	footprint_close(&footprint);
}
