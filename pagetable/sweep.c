/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page that the tables map in a range of addresses. */
#include "pagetable/sweep.h"

#include <errno.h>

/* The CPU sets it in an entry that it walks through. Intel SDM vol. 3A 4.8. */
static const uint64_t ACCESSED = 1ULL << 5;

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

/* The slot of a table reached at @level with @rights: its own, or a free one, or NULL
 * where the memo is full. Table addresses are page-aligned, so the key has room below;
 * level + 1 keeps it from being 0.
 */
static struct pt_memo_slot *slot_of(struct pt_memo *memo, uint64_t pa,
				    enum pt_level level, struct rights rights)
{
	uint64_t key = pa | (uint64_t)(level + 1) << 3 | rights.writable << 2 |
		       rights.user << 1 | rights.nx;
	size_t at;

	if (!memo || memo->nr_slots == 0)
		return NULL;
	at = (size_t)(key * 0x9e3779b97f4a7c15ULL >> 32) & (memo->nr_slots - 1);
	for (size_t i = 0; i < memo->nr_slots; i++) {
		struct pt_memo_slot *slot = &memo->slots[at];

		if (slot->key == key)
			return slot;
		if (slot->key == 0) {
			/* One slot stays free, so that every search ends. */
			if (memo->nr_used + 1 >= memo->nr_slots)
				return NULL;
			slot->key = key;
			memo->nr_used++;
			return slot;
		}
		at = (at + 1) & (memo->nr_slots - 1);
	}
	return NULL;
}

static int read_table(const struct pagetable *pt, uint64_t pa,
		      uint64_t entries[PT_TABLE_ENTRIES])
{
	if (pt->read_table)
		return pt->read_table(pt->ctx, pa, entries);
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
		if (((again ^ leaf->value) & ~ACCESSED) == 0)
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

static int visit_entry(const struct sweep *sweep, struct pt_leaf *leaf,
		       struct rights inherited, struct summary *ret);

/* A stack of tables is at most PT_MAX_LEVELS deep: the levels count down. */
static int visit_table(const struct sweep *sweep, uint64_t table_va, uint64_t table_pa,
		       enum pt_level level, struct rights rights,
		       const uint64_t entries[PT_TABLE_ENTRIES], struct summary *ret)
{
	unsigned levels = sweep->pt->format.levels;
	uint64_t span = pt_level_span(level);
	struct summary common = {.is_even = true};

	for (unsigned i = 0; i < PT_TABLE_ENTRIES; i++) {
		struct pt_leaf leaf = {
			.va = table_va + i * span,
			.span = span,
			.entry_pa = table_pa + 8 * i,
			.value = entries[i],
			.level = level,
		};
		struct summary below = {0};
		int r;

		if (level + 1 == levels && i >= PT_TABLE_ENTRIES / 2)
			leaf.va |= pt_kernel_half(levels);
		if (leaf.va + (span - 1) < sweep->first || leaf.va > sweep->last ||
		    !(leaf.value & PT_PRESENT))
			continue;
		r = visit_entry(sweep, &leaf, rights, &below);
		if (r)
			return r;
		if (common.mapped_bytes == 0)
			common.rights = below.rights;
		common.is_even &= below.is_even && (below.mapped_bytes == 0 ||
						    is_same(common.rights, below.rights));
		common.mapped_bytes += below.mapped_bytes;
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

static int visit_child(const struct sweep *sweep, struct pt_leaf *leaf,
		       struct rights rights, struct summary *ret)
{
	uint64_t entries[PT_TABLE_ENTRIES];
	struct pt_memo_slot *slot;
	uint64_t pa = pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level);
	int r;

	slot = slot_of(sweep->memo, pa, leaf->level - 1, rights);
	if (slot && slot->is_done) {
		r = visit_clone(sweep, leaf, slot, ret);
		if (r != PT_SWEEP_DESCEND)
			return r;
		leaf->is_clone = false;
	}
	leaf->reason = follow(sweep->pt, leaf, entries);
	if (leaf->reason == PT_NOT_PRESENT)
		return 0;
	if (leaf->reason != PT_OK)
		return sweep->each(sweep->ctx, leaf);
	if (pa != pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level)) {
		pa = pt_entry_pa(&sweep->pt->format, leaf->value, leaf->level);
		slot = NULL; /* it changed: not worth remembering */
	}
	r = visit_table(sweep, leaf->va, pa, leaf->level - 1, rights, entries, ret);
	/* Only a table that was visited whole may stand for its clones. */
	if (r == 0 && slot && !slot->is_done && leaf->va >= sweep->first &&
	    leaf->va + (leaf->span - 1) <= sweep->last) {
		slot->is_done = true;
		slot->is_even = ret->is_even;
		slot->mapped_bytes = ret->mapped_bytes;
		slot->writable = ret->rights.writable;
		slot->user = ret->rights.user;
		slot->nx = ret->rights.nx;
	}
	return r;
}

static int visit_entry(const struct sweep *sweep, struct pt_leaf *leaf,
		       struct rights inherited, struct summary *ret)
{
	const struct pt_format *format = &sweep->pt->format;
	struct rights rights = rights_through(inherited, leaf->value);

	set_rights(leaf, rights);
	if (pt_entry_reserved(format, leaf->value, leaf->level)) {
		leaf->reason = PT_RESERVED_BIT;
		return sweep->each(sweep->ctx, leaf);
	}
	if (!pt_entry_is_leaf(leaf->value, leaf->level))
		return visit_child(sweep, leaf, rights, ret);
	leaf->pa = pt_entry_pa(format, leaf->value, leaf->level);
	if (format->pks && !rights.user && leaf->value & PT_PKEY)
		leaf->reason = PT_PROTECTION_KEY;
	*ret = (struct summary){
		.is_even = leaf->reason == PT_OK,
		.mapped_bytes = leaf->span,
		.rights = rights,
	};
	return sweep->each(sweep->ctx, leaf);
}

int pt_sweep(const struct pagetable *pt, uint64_t first, uint64_t last,
	     struct pt_memo *memo, pt_sweep_fn each, void *ctx)
{
	const struct sweep sweep = {
		.pt = pt,
		.first = first,
		.last = last,
		.memo = memo,
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
			.entry_pa = pt->root_pa,
			.level = pt->format.levels - 1,
			.reason = reason_of(r),
		};

		return each(ctx, &leaf);
	}
	return visit_table(&sweep, 0, pt->root_pa, pt->format.levels - 1, all, entries,
			   &summary);
}
