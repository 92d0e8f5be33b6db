/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pagetable/sweep.c over tables made by hand. */
#include "pagetable/sweep.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NR_FRAMES = 16, MAX_SEEN = 8192 };

static const uint64_t TABLE = 0x067, RW_NX = 0x8000000000000163,
		      RO_NX = 0x8000000000000121, RX = 0x121, PSE = 0x80;

/* Frames 1..15 of physical memory; frame 1 is the root. Frame 0 cannot be read. */
struct memory {
	uint64_t frames[NR_FRAMES][PT_TABLE_ENTRIES];
	unsigned nr_reads, nr_table_reads;
	/* The nth single read first writes @late_value to @late_pa. */
	unsigned late_at;
	/* So does the read of tables from @moves_at on, once it is done. */
	uint64_t late_pa, late_value, moves_at;
};

struct seen {
	struct pt_leaf leaves[MAX_SEEN];
	size_t nr;
	int at_clone, at_leaf;
	struct memory *memory;
};

static struct memory memory;
static struct seen seen;
static struct pt_memo_slot slots[64];
static struct pt_batch batch;

static uint64_t *entry_at(struct memory *m, uint64_t pa)
{
	return &m->frames[pa / 4096][pa % 4096 / 8];
}

static int read_one(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	struct memory *m = ctx;

	(void)fresh;
	if (pa < 4096 || pa / 4096 >= NR_FRAMES)
		return -EFAULT;
	if (m->late_at && ++m->nr_reads == m->late_at)
		*entry_at(m, m->late_pa) = m->late_value;
	*ret = *entry_at(m, pa);
	return 0;
}

static int read_whole(void *ctx, uint64_t pa, size_t nr,
		      uint64_t (*ret)[PT_TABLE_ENTRIES])
{
	struct memory *m = ctx;

	if (pa < 4096 || pa / 4096 + nr > NR_FRAMES)
		return -EFAULT;
	m->nr_table_reads++;
	memcpy(ret, m->frames[pa / 4096], nr * 4096);
	if (m->moves_at == pa) {
		*entry_at(m, m->late_pa) = m->late_value;
		m->moves_at = 0;
	}
	return 0;
}

static int keep(void *ctx, const struct pt_leaf *leaf)
{
	struct seen *s = ctx;

	cr_assert_lt(s->nr, (size_t)MAX_SEEN);
	s->leaves[s->nr++] = *leaf;
	return leaf->is_clone ? s->at_clone : s->at_leaf;
}

static struct pagetable make(unsigned levels)
{
	memset(&memory, 0, sizeof(memory));
	memset(&seen, 0, sizeof(seen));
	memset(slots, 0, sizeof(slots));
	return (struct pagetable){
		.format = {.levels = levels,
			   .phys_bits = 46,
			   .pa_mask = (1ULL << 52) - 1},
		.root_pa = 0x1000,
		.read = read_one,
		.read_tables = read_whole,
		.ctx = &memory,
	};
}

static void set(unsigned frame, unsigned index, uint64_t value)
{
	memory.frames[frame][index] = value;
}

static int sweep_all(const struct pagetable *pt, struct pt_memo *memo)
{
	return pt_sweep(pt, pt_kernel_half(pt->format.levels), UINT64_MAX, memo, NULL,
			keep, &seen);
}

Test(pagetable_sweep, emits_every_size_in_order_with_effective_rights)
{
	struct pagetable pt = make(4);

	set(1, 256, 0x2000 | TABLE);
	set(2, 0, 0x40000000 | RW_NX | PSE);		/* 1 GiB */
	set(2, 3, (0x3000 | TABLE) & ~(uint64_t)PT_RW); /* takes W from all below */
	set(3, 1, 0x80000000 | 0x1000 | RW_NX | PSE);	/* 2 MiB with PAT, bit 12 */
	set(3, 2, 0x4000 | TABLE | PT_NX);		/* takes X */
	set(4, 511, 0x5000 | RX);
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 3);

	cr_assert_eq(seen.leaves[0].va, 0xffff800000000000);
	cr_assert_eq(seen.leaves[0].span, 1ULL << 30);
	cr_assert_eq(seen.leaves[0].pa, 0x40000000);
	cr_assert(seen.leaves[0].writable && seen.leaves[0].nx && !seen.leaves[0].user);

	cr_assert_eq(seen.leaves[1].va, 0xffff8000c0200000);
	cr_assert_eq(seen.leaves[1].span, 1ULL << 21);
	cr_assert_eq(seen.leaves[1].pa, 0x80000000);
	cr_assert(!seen.leaves[1].writable);

	cr_assert_eq(seen.leaves[2].va, 0xffff8000c05ff000);
	cr_assert_eq(seen.leaves[2].span, 4096);
	cr_assert_eq(seen.leaves[2].pa, 0x5000);
	cr_assert_eq(seen.leaves[2].entry_pa, 0x4ff8);
	cr_assert_eq(seen.leaves[2].value, 0x5000 | RX);
	cr_assert(!seen.leaves[2].writable && seen.leaves[2].nx);
}

Test(pagetable_sweep, agrees_with_the_walk)
{
	struct pagetable pt = make(5);

	set(1, 511, 0x2000 | TABLE);
	set(2, 511, 0x3000 | TABLE);
	set(3, 510, 0x4000 | TABLE);
	set(4, 8, 0x1000000 | RX | PSE);
	set(4, 9, 0x5000 | TABLE);
	for (unsigned i = 0; i < 512; i += 3)
		set(5, i, (0x2000000 + i * 4096) | (i % 2 ? RW_NX : RO_NX));
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 1 + 171);
	for (size_t i = 0; i < seen.nr; i++) {
		const struct pt_leaf *leaf = &seen.leaves[i];
		struct pt_walk walk;

		pt_walk(&pt, leaf->va + leaf->span / 2, &walk);
		cr_assert_eq(walk.reason, PT_OK);
		cr_assert_eq(walk.pa, leaf->pa + leaf->span / 2);
		cr_assert_eq(walk.span, leaf->span);
		cr_assert_eq(walk.writable, leaf->writable);
		cr_assert_eq(walk.user, leaf->user);
		cr_assert_eq(walk.nx, leaf->nx);
		cr_assert_eq(walk.steps[walk.nr_steps - 1].entry_pa, leaf->entry_pa);
	}
}

Test(pagetable_sweep, keeps_to_its_range)
{
	struct pagetable pt = make(4);

	set(1, 0, 0x2000 | TABLE);
	set(1, 256, 0x2000 | TABLE);
	set(2, 0, 0x3000 | TABLE);
	for (unsigned i = 0; i < 8; i++)
		set(3, i, (uint64_t)i << 21 | RW_NX | PSE);
	cr_assert_eq(pt_sweep(&pt, 0xffff800000201000, 0xffff800000400000, NULL, NULL,
			      keep, &seen),
		     0);
	cr_assert_eq(seen.nr, 1);
	cr_assert_eq(seen.leaves[0].va, 0xffff800000200000);
	cr_assert_eq(seen.leaves[0].size_bytes, 2ULL << 21);
	seen.nr = 0;
	cr_assert_eq(pt_sweep(&pt, 0x200000, 0x3fffff, NULL, NULL, keep, &seen), 0);
	cr_assert_eq(seen.nr, 1);
	cr_assert_eq(seen.leaves[0].va, 0x200000);
	seen.nr = 0;
	cr_assert_eq(pt_sweep(&pt, 0, UINT64_MAX, NULL, NULL, keep, &seen), 0);
	cr_assert_eq(seen.nr, 2);
	cr_assert_eq(seen.leaves[1].size_bytes, 8ULL << 21);
}

/* Pages that are neighbours in memory, too, and of one kind are one leaf. */
Test(pagetable_sweep, a_linear_run_is_one_leaf)
{
	struct pagetable pt = make(4);

	set(1, 511, 0x2000 | TABLE);
	set(2, 511, 0x3000 | TABLE);
	set(3, 0, 0x4000 | TABLE);
	for (unsigned i = 0; i < 512; i++)
		set(4, i, (0x100000 + i * 4096) | RW_NX);
	memory.frames[4][7] &= ~PT_ACCESSED; /* says nothing of rights */
	set(4, 10, (0x100000 + 10 * 4096) | RO_NX);
	memory.frames[4][20] &= ~PT_DIRTY;
	set(4, 30, 0x900000 | RW_NX);
	set(4, 40, 0);
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 8);
	cr_expect_eq(seen.leaves[0].size_bytes, 10 * 4096);
	cr_expect_eq(seen.leaves[0].span, 4096);
	cr_expect_eq(seen.leaves[0].entry_pa, 0x4000);
	cr_expect_eq(seen.leaves[1].va, 0xffffffffc0000000 + 10 * 4096);
	cr_expect_not(seen.leaves[1].writable);
	cr_expect_eq(seen.leaves[3].size_bytes, 4096);
	cr_expect_eq(seen.leaves[7].va, 0xffffffffc0000000 + 41 * 4096);
	cr_expect_eq(seen.leaves[7].pa, 0x100000 + 41 * 4096);
	cr_expect_eq(seen.leaves[7].size_bytes, (512 - 41) * 4096);
}

/* One more page in a row would be at 2^46, which is a reserved bit here. */
Test(pagetable_sweep, a_run_ends_where_addresses_do)
{
	struct pagetable pt = make(4);

	set(1, 511, 0x2000 | TABLE);
	set(2, 511, 0x3000 | TABLE);
	set(3, 0, 0x4000 | TABLE);
	set(4, 0, ((1ULL << 46) - 4096) | RW_NX);
	set(4, 1, (1ULL << 46) | RW_NX);
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 2);
	cr_expect_eq(seen.leaves[0].reason, PT_OK);
	cr_expect_eq(seen.leaves[0].size_bytes, 4096);
	cr_expect_eq(seen.leaves[1].reason, PT_RESERVED_BIT);
}

/* A PMD table over three page tables that lie side by side, in another order. */
static struct pagetable make_row(void)
{
	struct pagetable pt = make(4);

	set(1, 511, 0x2000 | TABLE);
	set(2, 511, 0x3000 | TABLE);
	set(3, 0, 0x6000 | TABLE);
	set(3, 1, 0x5000 | TABLE);
	set(3, 2, 0x4000 | TABLE);
	for (unsigned i = 0; i < 3; i++)
		set(4 + i, i, (0x100000 << i) | RW_NX);
	return pt;
}

static int sweep_in_batches(const struct pagetable *pt)
{
	return pt_sweep(pt, pt_kernel_half(4), UINT64_MAX, NULL, &batch, keep, &seen);
}

Test(pagetable_sweep, tables_side_by_side_are_read_at_once)
{
	struct pagetable pt = make_row();

	cr_assert_eq(sweep_in_batches(&pt), 0);
	cr_assert_eq(seen.nr, 3);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(seen.leaves[i].pa, 0x400000 >> i);
	/* Root, PUD and PMD table, the three, and the PMD table again. */
	cr_expect_eq(memory.nr_table_reads, 5);
}

/* While the three are read the second entry turns to another table. */
Test(pagetable_sweep, a_table_of_a_batch_counts_only_if_its_entry_stays)
{
	struct pagetable pt = make_row();

	set(7, 0, 0x700000 | RO_NX);
	memory.moves_at = 0x4000;
	memory.late_pa = 0x3008;
	memory.late_value = 0x7000 | TABLE;
	cr_assert_eq(sweep_in_batches(&pt), 0);
	cr_assert_eq(seen.nr, 3);
	cr_expect_eq(seen.leaves[0].pa, 0x400000);
	cr_expect_eq(seen.leaves[1].pa, 0x700000);
	cr_expect_not(seen.leaves[1].writable);
	cr_expect_eq(seen.leaves[2].pa, 0x100000);
}

/* The third is beyond memory: the others are told as ever. */
Test(pagetable_sweep, a_batch_that_cannot_be_read_is_read_one_by_one)
{
	struct pagetable pt = make_row();

	set(3, 0, 0xf000 | TABLE);
	set(3, 1, 0x10000 | TABLE);
	set(15, 0, 0x900000 | RW_NX);
	cr_assert_eq(sweep_in_batches(&pt), 0);
	cr_assert_eq(seen.nr, 3);
	cr_expect_eq(seen.leaves[0].pa, 0x900000);
	cr_expect_eq(seen.leaves[1].reason, PT_UNREADABLE);
	cr_expect_eq(seen.leaves[2].pa, 0x100000);
}

/* espfix: one page-table page behind every entry of a PMD table. */
static void make_clones(bool is_uniform)
{
	set(1, 510, 0x2000 | TABLE);
	for (unsigned i = 0; i < 512; i++)
		set(2, i, 0x3000 | TABLE);
	for (unsigned i = 0; i < 512; i++)
		set(3, i, 0x4000 | TABLE);
	for (unsigned i = 0; i < (is_uniform ? 512u : 4u); i++)
		set(4, i, 0x5000 | RO_NX);
}

Test(pagetable_sweep, a_memo_visits_each_table_once_per_rights)
{
	struct pagetable pt = make(4);
	struct pt_memo memo = {.slots = slots, .nr_slots = 64};

	make_clones(false);
	cr_assert_eq(sweep_all(&pt, &memo), 0);
	/* 4 pages, 511 clones of the page table, 511 of the PMD table. */
	cr_assert_eq(seen.nr, 4 + 511 + 511);
	cr_assert_eq(memory.nr_table_reads, 4);
	cr_assert_eq(memo.nr_used, 3);
	cr_assert(seen.leaves[4].is_clone);
	cr_assert_eq(seen.leaves[4].table.pa, 0x4000);
	cr_assert_eq(seen.leaves[4].table.level, PT_PTE);
	cr_assert_eq(seen.leaves[4].span, 1ULL << 21);
	cr_assert_not(seen.leaves[4].table.is_uniform);
	cr_assert(seen.leaves[4].table.is_even);
	cr_assert_eq(seen.leaves[4].table.mapped_bytes, 4 * 4096);
	cr_assert(!seen.leaves[4].writable && seen.leaves[4].nx);
	cr_assert_eq(seen.leaves[seen.nr - 1].table.pa, 0x3000);
	cr_assert_eq(seen.leaves[seen.nr - 1].span, 1ULL << 30);
}

Test(pagetable_sweep, other_rights_are_another_visit)
{
	struct pagetable pt = make(4);
	struct pt_memo memo = {.slots = slots, .nr_slots = 64};

	set(1, 256, 0x2000 | TABLE);
	set(2, 0, 0x3000 | TABLE);
	set(2, 1, (0x3000 | TABLE) & ~(uint64_t)PT_RW);
	set(2, 2, 0x3000 | TABLE);
	set(3, 0, 0x200000 | RW_NX | PSE);
	cr_assert_eq(sweep_all(&pt, &memo), 0);
	cr_assert_eq(seen.nr, 3);
	cr_assert(seen.leaves[0].writable && !seen.leaves[0].is_clone);
	cr_assert(!seen.leaves[1].writable && !seen.leaves[1].is_clone);
	cr_assert(seen.leaves[2].is_clone);

	/* A table whose pages differ is even in nothing. */
	set(3, 1, 0x400000 | RO_NX | PSE);
	memset(slots, 0, sizeof(slots));
	memo.nr_used = seen.nr = 0;
	cr_assert_eq(sweep_all(&pt, &memo), 0);
	cr_assert_eq(seen.nr, 5);
	cr_assert(seen.leaves[4].is_clone && !seen.leaves[4].table.is_even);
	cr_assert_eq(seen.leaves[4].table.mapped_bytes, 2 << 21);
}

Test(pagetable_sweep, a_uniform_clone_says_its_rights_and_can_be_entered)
{
	struct pagetable pt = make(4);
	struct pt_memo memo = {.slots = slots, .nr_slots = 64};

	make_clones(true);
	cr_assert_eq(sweep_all(&pt, &memo), 0);
	cr_assert_eq(seen.nr, 512 + 511 + 511);
	cr_assert(seen.leaves[512].table.is_uniform);
	cr_assert(!seen.leaves[512].writable && seen.leaves[512].nx);
	cr_assert(seen.leaves[seen.nr - 1].table.is_uniform);

	make(4);
	make_clones(false);
	memo.nr_used = 0;
	seen.at_clone = PT_SWEEP_DESCEND;
	cr_assert_eq(pt_sweep(&pt, 0xffffff0000000000, 0xffffff003fffffff, &memo, NULL,
			      keep, &seen),
		     0);
	cr_assert_eq(seen.nr, 512 * 4 + 511);
}

Test(pagetable_sweep, a_table_seen_in_part_stands_for_nothing)
{
	struct pagetable pt = make(4);
	struct pt_memo memo = {.slots = slots, .nr_slots = 64};

	make_clones(true);
	cr_assert_eq(pt_sweep(&pt, 0xffffff0000001000, 0xffffff0000001fff, &memo, NULL,
			      keep, &seen),
		     0);
	cr_assert_eq(seen.nr, 1);
	cr_assert_eq(pt_sweep(&pt, 0xffffff0000200000, 0xffffff00003fffff, &memo, NULL,
			      keep, &seen),
		     0);
	cr_assert_eq(seen.nr, 1 + 512);
}

/* Room for two tables. What is reached over and over stays. */
Test(pagetable_sweep, a_full_memo_forgets_what_was_reached_longest_ago)
{
	struct pagetable pt = make(4);
	struct pt_memo memo = {.slots = slots, .nr_slots = 2};

	make_clones(false);
	for (unsigned i = 100; i < 110; i++)
		set(3, i, (0x6000 + (i - 100) * 0x1000) | TABLE);
	cr_assert_eq(pt_sweep(&pt, 0xffffff0000000000, 0xffffff003fffffff, &memo, NULL,
			      keep, &seen),
		     0);
	/* Of the first 100 one was visited, and one more behind the ten. */
	cr_assert_eq(seen.nr, 4 + 99 + 4 + 401);
	cr_assert_eq(memo.nr_used, 2 + 1 + 10 + 1);
}

Test(pagetable_sweep, what_cannot_be_followed_is_told)
{
	struct pagetable pt = make(4);

	set(1, 256, 0x2000 | TABLE);
	set(2, 0, 0x100000 | TABLE); /* beyond memory */
	set(2, 1, (1ULL << 50) | TABLE);
	set(1, 300, 0x3000 | TABLE | PSE);
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 3);
	cr_assert_eq(seen.leaves[0].reason, PT_UNREADABLE);
	cr_assert_eq(seen.leaves[0].span, 1ULL << 30);
	cr_assert_eq(seen.leaves[1].reason, PT_RESERVED_BIT);
	cr_assert_eq(seen.leaves[2].reason, PT_RESERVED_BIT);

	pt.root_pa = 0;
	seen.nr = 0;
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 1);
	cr_assert_eq(seen.leaves[0].reason, PT_UNREADABLE);
}

Test(pagetable_sweep, protection_keys_hide_the_rights)
{
	struct pagetable pt = make(4);

	pt.format.pks = true;
	set(1, 256, 0x2000 | TABLE);
	set(2, 0, RW_NX | PSE | 1ULL << 59);
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.leaves[0].reason, PT_PROTECTION_KEY);
}

Test(pagetable_sweep, an_entry_that_moves_is_followed)
{
	struct pagetable pt = make(4);

	set(1, 256, 0x2000 | TABLE);
	set(2, 0, 0x3000 | TABLE);
	set(3, 0, 0x200000 | RW_NX | PSE);
	set(4, 0, 0x400000 | RO_NX | PSE);
	/* The second single read is the one after table 3: by then table 4 is in place.
	 */
	memory.late_at = 2;
	memory.late_pa = 0x2000;
	memory.late_value = 0x4000 | TABLE;
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 1);
	cr_assert_eq(seen.leaves[0].pa, 0x400000);
	cr_assert_not(seen.leaves[0].writable);
}

Test(pagetable_sweep, the_callback_stops_it)
{
	struct pagetable pt = make(4);

	make_clones(true);
	seen.at_leaf = -EINTR;
	cr_assert_eq(sweep_all(&pt, NULL), -EINTR);
	cr_assert_eq(seen.nr, 1);
}

Test(pagetable_sweep, reads_entry_by_entry_where_there_is_no_other_way)
{
	struct pagetable pt = make(4);

	pt.read_tables = NULL;
	set(1, 511, 0x2000 | TABLE);
	set(2, 511, 0xc0000000 | RX | PSE);
	cr_assert_eq(sweep_all(&pt, NULL), 0);
	cr_assert_eq(seen.nr, 1);
	cr_assert_eq(seen.leaves[0].va, 0xffffffffc0000000);
}
