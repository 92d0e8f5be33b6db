/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Would a write to this address fault? The walk of x86-64 page tables, pure: a root and a
 * read callback in, a verdict out. No I/O of its own, no printing, no allocation.
 */
#ifndef KWCHECK_PAGETABLE_WALK_H
#define KWCHECK_PAGETABLE_WALK_H

#include "pagetable/entry.h"

/* Memory that nobody filled in means "don't know". */
enum pt_verdict {
	PT_UNKNOWN = 0,
	PT_WRITABLE,
	PT_READ_ONLY,
	PT_UNMAPPED,
};

/* Why a walk ended where it did. */
enum pt_reason {
	PT_OK = 0,	   /* it reached a page */
	PT_NOT_PRESENT,	   /* a level's entry has P clear */
	PT_NON_CANONICAL,  /* no table is looked at: #GP */
	PT_RESERVED_BIT,   /* a present entry has a reserved bit set: #PF with RSVD */
	PT_PROTECTION_KEY, /* CR4.PKS is on and the page has a key other than 0 */
	PT_UNREADABLE,	   /* the source has no memory for a table */
	PT_CHANGED,	   /* the entries kept changing while they were read */
	PT_EXCLUDED,	   /* the source has left out the memory of a table */
	PT_HYPERVISOR,	   /* a level has U clear, which a kernel at CPL 3 needs: #PF */
};

struct pt_step {
	enum pt_level level;
	unsigned index;
	uint64_t entry_pa; /* where the entry lies */
	uint64_t value;	   /* 0 at the level that could not be read */
};

struct pt_walk {
	uint64_t va;
	enum pt_verdict verdict;
	enum pt_reason reason;
	unsigned nr_steps; /* 0 for a non-canonical address */
	struct pt_step steps[PT_MAX_LEVELS];
	/* Bytes that the last entry covers, mapped or not: the page size where reason is
	 * PT_OK. A range is walked in strides of it.
	 */
	uint64_t span;
	uint64_t pa; /* of va; meaningful where reason is PT_OK */
	/* Effective rights: W and U are the AND, NX the OR, over all levels. */
	bool writable, user, nx;
	/* Index into steps of the first level that clears W; -1 where none does. */
	int denied_by;
};

/* Reads the 8-byte entry at physical address @pa. @fresh: from memory, not from a copy
 * that was taken earlier. Returns 0, or -errno where there is no memory to read: -ENODATA
 * where there was, and the source has left it out.
 */
typedef int (*pt_read_fn)(void *ctx, uint64_t pa, bool fresh, uint64_t *ret);

/* Reads the @nr tables that lie side by side from physical address @pa on, always from
 * memory. Returns 0 where all were read, or -errno as pt_read_fn does.
 */
typedef int (*pt_read_tables_fn)(void *ctx, uint64_t pa, size_t nr,
				 uint64_t (*ret)[PT_TABLE_ENTRIES]);

struct pagetable {
	struct pt_format format;
	uint64_t root_pa;
	pt_read_fn read;
	pt_read_tables_fn read_tables; /* NULL: entry by entry through read */
	void *ctx;
};

/* "writable", "read-only", "unmapped", "unknown". */
const char *pt_verdict_name(enum pt_verdict verdict);

/* Did it end at a table that there is no memory for? */
static inline bool pt_is_unreadable(enum pt_reason reason)
{
	return reason == PT_UNREADABLE || reason == PT_EXCLUDED;
}

/* "ok", "not-present", ...: stable, lower case, for machines. */
const char *pt_reason_name(enum pt_reason reason);

/* Bits 47..63 (or 56..63 with 5 levels) all equal. Intel SDM vol. 1 3.3.7.1. */
bool pt_is_canonical(uint64_t va, unsigned levels);

/* pt_walk - what the tables say of one address
 *
 * @va: any 64-bit value.
 * @ret: always filled. A walk that ends early is an answer with a reason, not an error.
 *
 * Every entry is read twice, top-down both times, the second time fresh; the walk counts
 * only if both agree, so entries from a cache are safe to start from and a table that was
 * freed under the walk is noticed. After a few rounds without agreement the reason is
 * PT_CHANGED. Writable iff R/W is set at every level: Intel SDM vol. 3A 4.6.1 (CR0.WP
 * assumed set).
 */
void pt_walk(const struct pagetable *pt, uint64_t va, struct pt_walk *ret);

#endif
