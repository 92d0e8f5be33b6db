/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that one table points to, read before they are visited. Those that lie side by
 * side take one read, and so do the entries that point to them, afterwards.
 */
#ifndef KWCHECK_PAGETABLE_BATCH_H
#define KWCHECK_PAGETABLE_BATCH_H

#include "pagetable/walk.h"

enum { PT_BATCH_TABLES = 64 };

struct pt_batch_table {
	uint64_t pa;
	unsigned index; /* of the entry that points to it */
	bool is_good;	/* it was read, and the entry pointed to it before and after */
};

/* 261 KiB, which the caller lends. */
struct pt_batch {
	size_t nr;
	struct pt_batch_table list[PT_BATCH_TABLES]; /* ascends by pa once it was read */
	uint64_t tables[PT_BATCH_TABLES][PT_TABLE_ENTRIES];
	uint64_t again[PT_TABLE_ENTRIES]; /* the table that points to them, afterwards */
};

/* pt_batch_add - notes that entry @index points to the table at @pa
 * A table that is noted already stays with its first entry. false: the batch is full.
 */
bool pt_batch_add(struct pt_batch *batch, unsigned index, uint64_t pa);

/* pt_batch_read - reads what was noted
 * @parent_pa, @entries: the table that points to them, as it was before.
 */
void pt_batch_read(struct pt_batch *batch, const struct pagetable *pt, uint64_t parent_pa,
		   const uint64_t entries[PT_TABLE_ENTRIES]);

/* pt_batch_table - the table that entry @index points to; it lives until the next read
 * NULL: it is not in the batch, or could not be read, or the entry changed meanwhile.
 */
const uint64_t *pt_batch_table(const struct pt_batch *batch, unsigned index);

#endif
