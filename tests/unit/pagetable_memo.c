/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pagetable/memo.h"

#include <criterion/criterion.h>

Test(pagetable_memo, what_was_reached_is_known_and_counted_once)
{
	struct pt_memo_slot slots[64] = {0};
	struct pt_memo memo = {.slots = slots, .nr_slots = 64};

	cr_expect_null(pt_memo_find(&memo, 0x1009));
	cr_assert_not_null(pt_memo_reach(&memo, 0x1009));
	pt_memo_reach(&memo, 0x1009)->is_done = true;
	cr_expect(pt_memo_find(&memo, 0x1009)->is_done);
	cr_expect_not(pt_memo_reach(&memo, 0x2009)->is_done);
	cr_expect(pt_memo_reach(&memo, 0x1009)->is_done);
	cr_expect_eq(memo.nr_used, 2);
}

/* A million tables that are reached once, and one that is reached every other time. */
Test(pagetable_memo, what_is_reached_over_and_over_stays)
{
	struct pt_memo_slot slots[64] = {0};
	struct pt_memo memo = {.slots = slots, .nr_slots = 64};
	const uint64_t shared = 0x5009;

	pt_memo_reach(&memo, shared)->is_done = true;
	for (uint64_t pa = 0x100000; pa < 0x100000 + 4096000000ULL; pa += 4096) {
		pt_memo_reach(&memo, pa | 9);
		cr_assert(pt_memo_reach(&memo, shared)->is_done, "%lx", pa);
	}
	cr_expect_eq(memo.nr_used, 1000001);
	cr_expect_null(pt_memo_find(&memo, 0x100009), "it was forgotten");
}

Test(pagetable_memo, without_room_nothing_is_kept)
{
	struct pt_memo memo = {0};

	cr_expect_null(pt_memo_reach(&memo, 0x1009));
	cr_expect_null(pt_memo_find(&memo, 0x1009));
}
