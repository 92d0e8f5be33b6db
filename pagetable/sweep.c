/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page that the tables map in a range of addresses. */
#include "pagetable/sweep.h"

#include <errno.h>

struct rights {
	bool writable, user, nx;
};

/* What all that a table maps has in common. */
struct summary {
	bool is_even; /* one set of rights for all of it */
	uint64_t mapped_bytes;
	struct rights rights;
};

struct sweep {
	const struct pagetable *pt;
	uint64_t first, last;
	struct pt_memo *memo;
	struct pt_batch *batch;
	pt_sweep_fn each;
	void *ctx;
};

uint64_t pt_kernel_half(unsigned levels)
{
	return levels == 5 ? 0xff00000000000000ULL : 0xffff800000000000ULL;
}

static struct rights rights_through(struct rights inherited, uint64_t entry)
{
	return (struct rights){
		.writable = inherited.writable && entry & PT_RW,
		.user = inherited.user && entry & PT_USER,
		.nx = inherited.nx || entry & PT_NX,
	};
}

static bool is_same(struct rights a, struct rights b)
{
	return a.writable == b.writable && a.user == b.user && a.nx == b.nx;
}

/* Of a table reached at @level with @rights. Table addresses are page-aligned, so the key
 * has room below; level + 1 keeps it from being 0.
 */
static uint64_t key_of(uint64_t pa, enum pt_level level, struct rights rights)
{
	return pa | (uint64_t)(level + 1) << 3 | rights.writable << 2 | rights.user << 1 |
	       rights.nx;
}

static int read_table(const struct pagetable *pt, uint64_t pa,
		      uint64_t entries[PT_TABLE_ENTRIES])
{
	if (pt->read_tables)
		return pt->read_tables(pt->ctx, pa, 1,
				       (uint64_t(*)[PT_TABLE_ENTRIES])entries);
	for (unsigned i = 0; i < PT_TABLE_ENTRIES; i++) {
		int r = pt->read(pt->ctx, pa + 8 * i, true, &entries[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static enum pt_reason reason_of(int r)
{
	if (r == 0)
		return PT_OK;
	return r == -ENODATA ? PT_EXCLUDED : PT_UNREADABLE;
}

/* Reads the table that the entry at @leaf->entry_pa points to, and the entry again: the
 * table is the entry's only if that still points to it. The entry's latest value is left
 * in @leaf. Returns PT_OK, or why there is no table to go on with.
 */
static enum pt_reason follow(const struct pagetable *pt, struct pt_leaf *leaf,
			     uint64_t entries[PT_TABLE_ENTRIES])
{
	for (int round = 0; round < PT_MAX_ROUNDS; round++) {
		uint64_t pa = pt_entry_pa(&pt->format, leaf->value, leaf->level), again;
		int r = read_table(pt, pa, entries);

		if (pt->read(pt->ctx, leaf->entry_pa, true, &again) < 0)
			return PT_UNREADABLE;
		if (((again ^ leaf->value) & ~PT_ACCESSED) == 0)
			return reason_of(r);
		leaf->value = again;
		if (!(again & PT_PRESENT))
			return PT_NOT_PRESENT;
		if (pt_entry_is_leaf(again, leaf->level) ||
		    pt_entry_reserved(&pt->format, again, leaf->level))
			return PT_CHANGED;
	}
	return PT_CHANGED;
}

static void set_rights(struct pt_leaf *leaf, struct rights rights)
{
	leaf->writable = rights.writable;
	leaf->user = rights.user;
	leaf->nx = rights.nx;
}

/* How many entries from @leaf's on, which is at @entries, map one stretch of memory with
 * the same bits, but for Accessed.
 */
static unsigned run_length(const struct sweep *sweep, const struct pt_leaf *leaf,
			   const uint64_t *entries)
{
	const struct pt_format *format = &sweep->pt->format;
	uint64_t next = leaf->value + leaf->span;
	uint64_t end = (sweep->last - leaf->va) / leaf->span + 1;
	unsigned index = pt_level_index(leaf->level, leaf->va), nr = 1;

	if (end > PT_TABLE_ENTRIES - index)
		end = PT_TABLE_ENTRIES - index;

	while (nr < end && ((entries[nr] ^ next) & ~PT_ACCESSED) == 0) {
		next += leaf->span;
		nr++;
	}
	/* What overflows the bits of an address is no such run. */
	if (nr > 1 && (pt_entry_reserved(format, entries[nr - 1], leaf->level) ||
		       pt_entry_pa(format, entries[nr - 1], leaf->level) !=
			       leaf->pa + (nr - 1) * leaf->span))
		return 1;
	return nr;
}

static bool is_outside(const struct sweep *sweep, uint64_t va, uint64_t span)
{
	return va + (span - 1) < sweep->first || va > sweep->last;
}

static uint64_t entry_va(const struct sweep *sweep, uint64_t table_va,
			 enum pt_level level, unsigned index)
{
	unsigned levels = sweep->pt->format.levels;
	uint64_t va = table_va + index * pt_level_span(level);

	return level + 1 == levels && index >= PT_TABLE_ENTRIES / 2
		       ? va | pt_kernel_half(levels)
		       : va;
}

/* Reads what entries of a PMD table from @first on point to, as much as the batch takes.
 * Returns the entry that comes after them.
 */
static unsigned read_ahead(const struct sweep *sweep, uint64_t table_va,
			   uint64_t table_pa, struct rights rights, unsigned first,
			   const uint64_t entries[PT_TABLE_ENTRIES])
{
	const struct pt_format *format = &sweep->pt->format;
	struct pt_batch *batch = sweep->batch;
	unsigned i = first;

	batch->nr = 0;
	for (; i < PT_TABLE_ENTRIES; i++) {
		uint64_t entry = entries[i], pa = pt_entry_pa(format, entry, PT_PMD);
		const struct pt_memo_slot *slot;

		if (!(entry & PT_PRESENT) || pt_entry_is_leaf(entry, PT_PMD) ||
		    pt_entry_reserved(format, entry, PT_PMD) ||
		    is_outside(sweep, table_va + i * pt_level_span(PT_PMD),
			       pt_level_span(PT_PMD)))
			continue;
		slot = sweep->memo ? pt_memo_find(sweep->memo,
						  key_of(pa, PT_PTE,
							 rights_through(rights, entry)))
				   : NULL;
		if ((!slot || !slot->is_done) && !pt_batch_add(batch, i, pa))
			break;
	}
	if (batch->nr < 2)
		batch->nr = 0; /* nothing is gained */
	else
		pt_batch_read(batch, sweep->pt, table_pa, entries);
	return i;
}

static int visit_entry(const struct sweep *sweep, struct pt_leaf *leaf,
		       struct rights inherited, const uint64_t *entries,
		       struct summary *ret);

/* Adds to @common what one entry maps. */
static void add_summary(struct summary *common, const struct summary *below)
{
	if (common->mapped_bytes == 0)
		common->rights = below->rights;
	common->is_even &= below->is_even && (below->mapped_bytes == 0 ||
					      is_same(common->rights, below->rights));
	common->mapped_bytes += below->mapped_bytes;
}

/* A stack of tables is at most PT_MAX_LEVELS deep: the levels count down. */
static int visit_table(const struct sweep *sweep, uint64_t table_va, uint64_t table_pa,
		       enum pt_level level, struct rights rights,
		       const uint64_t entries[PT_TABLE_ENTRIES], struct summary *ret)
{
	struct summary common = {.is_even = true};
	unsigned next = 1, read_end = 0;

	for (unsigned i = 0; i < PT_TABLE_ENTRIES; i = next) {
		struct pt_leaf leaf = {
			.va = entry_va(sweep, table_va, level, i),
			.span = pt_level_span(level),
			.entry_pa = table_pa + 8 * i,
			.value = entries[i],
			.level = level,
		};
		struct summary below = {0};
		int r;

		next = i + 1;
		if (!(leaf.value & PT_PRESENT) || is_outside(sweep, leaf.va, leaf.span))
			continue;
		if (level == PT_PMD && sweep->batch && i >= read_end)
			read_end = read_ahead(sweep, table_va, table_pa, rights, i,
					      entries);
		leaf.size_bytes = leaf.span;
		r = visit_entry(sweep, &leaf, rights, &entries[i], &below);
		if (r)
			return r;
		next = i + (unsigned)(leaf.size_bytes / leaf.span);
		add_summary(&common, &below);
	}
	*ret = common;
	return 0;
}

/* Where the table was seen before, says so. Returns 0 with @ret filled where the callback
 * is content with that, PT_SWEEP_DESCEND where the table is to be
 * visited, or what stops the sweep.
 */
static int visit_clone(const struct sweep *sweep, struct pt_leaf *leaf,
		       const struct pt_memo_slot *slot, struct summary *ret)
{
	leaf->is_clone = true;
	leaf->table = (struct pt_table){
		.pa = pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level),
		.level = leaf->level - 1,
		.is_even = slot->is_even,
		.is_uniform = slot->is_even && slot->mapped_bytes == leaf->span,
		.mapped_bytes = slot->mapped_bytes,
	};
	ret->is_even = slot->is_even;
	ret->mapped_bytes = slot->mapped_bytes;
	ret->rights = (struct rights){slot->writable, slot->user, slot->nx};
	if (slot->is_even)
		set_rights(leaf, ret->rights);
	return sweep->each(sweep->ctx, leaf);
}

/* The slot may have been forgotten meanwhile. One that was done stays as it is. */
static void remember(struct pt_memo *memo, uint64_t key, const struct summary *summary)
{
	size_t nr_used = memo->nr_used;
	struct pt_memo_slot *slot = pt_memo_reach(memo, key);

	memo->nr_used = nr_used;
	if (slot && !slot->is_done)
		*slot = (struct pt_memo_slot){
			.key = key,
			.mapped_bytes = summary->mapped_bytes,
			.is_done = true,
			.is_even = summary->is_even,
			.writable = summary->rights.writable,
			.user = summary->rights.user,
			.nx = summary->rights.nx,
		};
}

static int visit_child(const struct sweep *sweep, struct pt_leaf *leaf,
		       struct rights rights, struct summary *ret)
{
	uint64_t own[PT_TABLE_ENTRIES];
	const uint64_t *entries = NULL;
	uint64_t pa = pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level);
	uint64_t key = key_of(pa, leaf->level - 1, rights);
	struct pt_memo_slot *slot = sweep->memo ? pt_memo_reach(sweep->memo, key) : NULL;
	int r;

	if (slot && slot->is_done) {
		r = visit_clone(sweep, leaf, slot, ret);
		if (r != PT_SWEEP_DESCEND)
			return r;
		leaf->is_clone = false;
	}
	if (sweep->batch && leaf->level == PT_PMD)
		entries = pt_batch_table(sweep->batch, (unsigned)(leaf->entry_pa / 8) %
							       PT_TABLE_ENTRIES);
	if (!entries) {
		leaf->reason = follow(sweep->pt, leaf, own);
		entries = own;
	}
	if (leaf->reason == PT_NOT_PRESENT)
		return 0;
	if (leaf->reason != PT_OK)
		return sweep->each(sweep->ctx, leaf);
	if (pa != pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level)) {
		pa = pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level);
		key = 0; /* it changed: not worth remembering */
	}
	r = visit_table(sweep, leaf->va, pa, leaf->level - 1, rights, entries, ret);
	/* Only a table that was visited whole may stand for its clones. */
	if (r == 0 && sweep->memo && key && leaf->va >= sweep->first &&
	    leaf->va + (leaf->span - 1) <= sweep->last)
		remember(sweep->memo, key, ret);
	return r;
}

static int visit_entry(const struct sweep *sweep, struct pt_leaf *leaf,
		       struct rights inherited, const uint64_t *entries,
		       struct summary *ret)
{
	const struct pt_format *format = &sweep->pt->format;
	struct rights rights = rights_through(inherited, leaf->value);

	if (format->is_ring3 && leaf->va >> 63)
		rights.user = false;
	set_rights(leaf, rights);
	if (pt_entry_reserved(format, leaf->value, leaf->level)) {
		leaf->reason = PT_RESERVED_BIT;
		return sweep->each(sweep->ctx, leaf);
	}
	if (pt_entry_is_hypervisors(format, leaf->value)) {
		leaf->reason = PT_HYPERVISOR;
		return sweep->each(sweep->ctx, leaf);
	}
	if (!pt_entry_is_leaf(leaf->value, leaf->level))
		return visit_child(sweep, leaf, rights, ret);
	leaf->pa = pt_entry_pa(format, leaf->value, leaf->level);
	if (format->pks && !rights.user && leaf->value & PT_PKEY)
		leaf->reason = PT_PROTECTION_KEY;
	leaf->size_bytes = leaf->span * run_length(sweep, leaf, entries);
	*ret = (struct summary){
		.is_even = leaf->reason == PT_OK,
		.mapped_bytes = leaf->size_bytes,
		.rights = rights,
	};
	return sweep->each(sweep->ctx, leaf);
}

int pt_sweep(const struct pagetable *pt, uint64_t first, uint64_t last,
	     struct pt_memo *memo, struct pt_batch *batch, pt_sweep_fn each, void *ctx)
{
	const struct sweep sweep = {
		.pt = pt,
		.first = first,
		.last = last,
		.memo = memo,
		.batch = pt->read_tables ? batch : NULL,
		.each = each,
		.ctx = ctx,
	};
	const struct rights all = {.writable = true, .user = true, .nx = false};
	uint64_t entries[PT_TABLE_ENTRIES];
	struct summary summary;
	int r = read_table(pt, pt->root_pa, entries);

	if (r < 0) {
		const struct pt_leaf leaf = {
			.va = first,
			.span = last - first + 1,
			.size_bytes = last - first + 1,
			.entry_pa = pt->root_pa,
			.level = pt->format.levels - 1,
			.reason = reason_of(r),
		};

		return each(ctx, &leaf);
	}
	return visit_table(&sweep, 0, pt->root_pa, pt->format.levels - 1, all, entries,
			   &summary);
}
