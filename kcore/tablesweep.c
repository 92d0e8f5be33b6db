/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sweep over page tables, with the memory that it takes. */
#include "kcore/tablesweep.h"

#include <errno.h>
#include <stdlib.h>

#include "kcore/cleanup.h"

/* A kernel half has 2,000 to 10,000 tables, one of 1 TiB in 4-KiB pages half a million.
 * What is forgotten then are tables that nothing else points to.
 */
enum { MEMO_SLOTS = 128 * 1024 };

int tablesweep_run(const struct pagetable *pt, uint64_t first, uint64_t last,
		   pt_sweep_fn each, void *ctx, size_t *ret_nr_tables)
{
	_cleanup_free_ struct pt_memo_slot *slots = calloc(MEMO_SLOTS, sizeof(*slots));
	_cleanup_free_ struct pt_batch *batch = malloc(sizeof(*batch));
	struct pt_memo memo = {.slots = slots, .nr_slots = MEMO_SLOTS};
	int r;

	if (!slots || !batch)
		return -ENOMEM;
	batch->nr = 0;
	r = pt_sweep(pt, first, last, &memo, batch, each, ctx);
	if (ret_nr_tables)
		*ret_nr_tables = memo.nr_used;
	return r;
}
