/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that one table points to, read before they are visited. */
#include "pagetable/batch.h"

static const uint64_t TABLE_BYTES = PT_TABLE_ENTRIES * sizeof(uint64_t);

/* Kept ascending. The kernel's own tables were taken from one end of memory, up or down.
 */
bool pt_batch_add(struct pt_batch *batch, unsigned index, uint64_t pa)
{
	size_t at = batch->nr;

	if (batch->nr == PT_BATCH_TABLES)
		return false;
	while (at > 0 && batch->list[at - 1].pa > pa)
		at--;
	if (at > 0 && batch->list[at - 1].pa == pa)
		return true;
	for (size_t i = batch->nr++; i > at; i--)
		batch->list[i] = batch->list[i - 1];
	batch->list[at] = (struct pt_batch_table){.pa = pa, .index = index};
	return true;
}

/* How many from @first on lie side by side. */
static size_t side_by_side(const struct pt_batch *batch, size_t first)
{
	size_t nr = 1;

	while (first + nr < batch->nr &&
	       batch->list[first + nr].pa == batch->list[first].pa + nr * TABLE_BYTES)
		nr++;
	return nr;
}

void pt_batch_read(struct pt_batch *batch, const struct pagetable *pt, uint64_t parent_pa,
		   const uint64_t entries[PT_TABLE_ENTRIES])
{
	for (size_t i = 0, nr; i < batch->nr; i += nr) {
		nr = side_by_side(batch, i);
		if (pt->read_tables(pt->ctx, batch->list[i].pa, nr, &batch->tables[i]) ==
		    0)
			for (size_t j = i; j < i + nr; j++)
				batch->list[j].is_good = true;
	}
	if (pt->read_tables(pt->ctx, parent_pa, 1, &batch->again) < 0)
		batch->nr = 0;
	for (size_t i = 0; i < batch->nr; i++) {
		unsigned index = batch->list[i].index;

		if ((batch->again[index] ^ entries[index]) & ~PT_ACCESSED)
			batch->list[i].is_good = false;
	}
}

const uint64_t *pt_batch_table(const struct pt_batch *batch, unsigned index)
{
	for (size_t i = 0; i < batch->nr; i++)
		if (batch->list[i].index == index && batch->list[i].is_good)
			return batch->tables[i];
	return NULL;
}
