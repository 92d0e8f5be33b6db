/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page that the tables map in a range of addresses, in ascending order. Pure as the
 * walk is: no I/O of its own, no printing, no allocation.
 */
#ifndef KWCHECK_PAGETABLE_SWEEP_H
#define KWCHECK_PAGETABLE_SWEEP_H

#include "pagetable/batch.h"
#include "pagetable/memo.h"
#include "pagetable/walk.h"

/* What is known of a table after all of it was visited. */
struct pt_table {
	uint64_t pa;
	enum pt_level level;
	bool is_even;	       /* all that it maps has the rights that the leaf has */
	bool is_uniform;       /* and it maps all of its span */
	uint64_t mapped_bytes; /* by its leaves; at most the span of its entry */
};

/* Mapped pages, one entry that cannot be followed, or one table seen before. Pages are
 * neighbours in one table, in addresses and in memory alike, whose entries differ in
 * nothing else but Accessed.
 */
struct pt_leaf {
	uint64_t va;	     /* first byte, a multiple of span; may lie below the range */
	uint64_t span;	     /* bytes of address space that one entry has */
	uint64_t size_bytes; /* of all pages: a multiple of span */
	uint64_t pa; /* of va; meaningful where reason is PT_OK and it is no clone */
	uint64_t entry_pa;   /* where the first entry lies */
	uint64_t value;	     /* of the first entry */
	enum pt_level level; /* of the table that holds the entry */
	/* PT_OK: a page. PT_PROTECTION_KEY: a page whose rights are in an MSR.
	 * PT_RESERVED_BIT, PT_HYPERVISOR: any access faults. PT_UNREADABLE, PT_EXCLUDED,
	 * PT_CHANGED: what the table below maps is not known.
	 */
	enum pt_reason reason;
	/* Effective rights: W and U are the AND, NX the OR, over all levels; of a clone,
	 * those that its table inherits, or has throughout where it is even.
	 */
	bool writable, user, nx;
	/* The entry points to a table that was visited already with the same inherited
	 * rights: the sweep has emitted all that is below at another address.
	 */
	bool is_clone;
	struct pt_table table; /* of a clone */
};

/* @leaf lives until the call returns. Returns 0 to go on, PT_SWEEP_DESCEND at a clone to
 * have its table visited again, or another value to stop.
 */
enum { PT_SWEEP_DESCEND = 1 };
typedef int (*pt_sweep_fn)(void *ctx, const struct pt_leaf *leaf);

/* pt_sweep - calls @each for every leaf entry that covers a byte of [@first, @last]
 *
 * @first, @last: canonical, in this order, @last included. A leaf that reaches out of the
 * range is emitted whole. What is not present is not emitted.
 * @memo: NULL for none. Sweeps that share it share what they have seen. Without one every
 * table is visited as often as it is reached: espfix reaches one table 2,048 times, KASAN
 * early shadow tables millions of times.
 * @batch: NULL for none. With it tables are read many at a time.
 *
 * An entry that points to a table is read again after the table, and only then the table
 * counts: a table page that was freed meanwhile is noticed (PT_CHANGED after a few
 * rounds). Leaves are as they were at the moment of reading; whoever builds a verdict on
 * one may ask pt_walk() for a second opinion. Returns 0, or what @each returned.
 */
int pt_sweep(const struct pagetable *pt, uint64_t first, uint64_t last,
	     struct pt_memo *memo, struct pt_batch *batch, pt_sweep_fn each, void *ctx);

/* First address of the kernel's half: 0xffff800000000000 with 4 levels. */
uint64_t pt_kernel_half(unsigned levels);

#endif
