/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tables a sweep has visited, in memory of a fixed size that the caller lends. */
#ifndef KWCHECK_PAGETABLE_MEMO_H
#define KWCHECK_PAGETABLE_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of a table, for one set of inherited rights. */
struct pt_memo_slot {
	uint64_t key; /* 0: free */
	uint64_t mapped_bytes;
	bool is_done, is_even, writable, user, nx;
};

/* A memo that is full forgets what was reached longest ago. So a table that is reached
 * over and over stays known, however many others there are.
 */
struct pt_memo {
	struct pt_memo_slot *slots; /* zeroed before the first sweep */
	size_t nr_slots;	    /* a power of two; 0: nothing is kept */
	size_t nr_used; /* tables reached so far, counted once per inherited rights */
};

/* pt_memo_reach - the slot of @key
 * @key: not 0. A slot that is new has is_done clear, and counts. It stays where it is
 * until the next call. NULL: nothing is kept.
 */
struct pt_memo_slot *pt_memo_reach(struct pt_memo *memo, uint64_t key);

/* pt_memo_find - the slot of @key, or NULL. It stays until pt_memo_reach() is called. */
const struct pt_memo_slot *pt_memo_find(const struct pt_memo *memo, uint64_t key);

#endif
