/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tables a sweep has visited. */
#include "pagetable/memo.h"

/* Slots are in sets of so many, each set with what was reached last in front. */
enum { WAYS = 8 };

static size_t ways_of(const struct pt_memo *memo)
{
	return memo->nr_slots < WAYS ? memo->nr_slots : WAYS;
}

static struct pt_memo_slot *set_of(const struct pt_memo *memo, uint64_t key)
{
	size_t nr_sets = memo->nr_slots / ways_of(memo);

	return &memo->slots[((size_t)(key * 0x9e3779b97f4a7c15ULL >> 32) &
			     (nr_sets - 1)) *
			    ways_of(memo)];
}

/* Its place in the set, or how many the set has. */
static size_t place_of(const struct pt_memo *memo, const struct pt_memo_slot *set,
		       uint64_t key)
{
	size_t i = 0;

	while (i < ways_of(memo) && set[i].key != key)
		i++;
	return i;
}

struct pt_memo_slot *pt_memo_reach(struct pt_memo *memo, uint64_t key)
{
	struct pt_memo_slot slot = {.key = key};
	struct pt_memo_slot *set;
	size_t i;

	if (memo->nr_slots == 0)
		return NULL;
	set = set_of(memo, key);
	i = place_of(memo, set, key);
	if (i < ways_of(memo)) {
		slot = set[i];
	} else {
		memo->nr_used++;
		i--;
	}
	for (; i > 0; i--)
		set[i] = set[i - 1];
	set[0] = slot;
	return &set[0];
}

const struct pt_memo_slot *pt_memo_find(const struct pt_memo *memo, uint64_t key)
{
	const struct pt_memo_slot *set;
	size_t i;

	if (memo->nr_slots == 0)
		return NULL;
	set = set_of(memo, key);
	i = place_of(memo, set, key);
	return i < ways_of(memo) ? &set[i] : NULL;
}
