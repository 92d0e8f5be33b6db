/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(dataflow_arena, what_is_taken_is_zeroed_and_aligned)
{
	struct arena arena = {0};
	static const unsigned char zeros[100];

	memset(arena_take_dirty(&arena, 100), 0xff, 100);
	arena_release(&arena, (struct arena_mark){0});
	for (size_t i = 1; i <= sizeof(zeros); i++) {
		void *taken = arena_take(&arena, i);

		cr_expect_eq((uintptr_t)taken % 16, 0);
		cr_expect_eq(memcmp(taken, zeros, i), 0);
		memset(taken, 0xff, i);
	}
	arena_close(&arena);
}

Test(dataflow_arena, what_was_taken_since_is_given_back)
{
	struct arena arena = {0};
	unsigned char *first = arena_take(&arena, 16), *second;
	struct arena_mark mark = arena_mark(&arena);
	size_t nr_bytes = arena.nr_bytes;

	first[0] = 1;
	second = arena_take(&arena, 16);
	/* More than a chunk holds. */
	cr_assert_not_null(arena_take(&arena, 1 << 20));
	cr_expect_gt(arena.nr_bytes, nr_bytes + (1 << 20) - 1);
	arena_release(&arena, mark);
	cr_expect_eq(arena.nr_bytes, nr_bytes);
	cr_expect_eq(arena_take(&arena, 16), second);
	cr_expect_eq(first[0], 1);
	arena_close(&arena);
	cr_expect_eq(arena.nr_bytes, 0);
}
