/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Would a write to this address fault? The walk of x86-64 page tables. */
#include "pagetable/walk.h"

#include <errno.h>
#include <string.h>

const char *pt_verdict_name(enum pt_verdict verdict)
{
	static const char *const verdict_names[] = {
		[PT_UNKNOWN] = "unknown",
		[PT_WRITABLE] = "writable",
		[PT_READ_ONLY] = "read-only",
		[PT_UNMAPPED] = "unmapped",
	};

	return verdict_names[verdict];
}

const char *pt_reason_name(enum pt_reason reason)
{
	static const char *const reason_names[] = {
		[PT_OK] = "ok",
		[PT_NOT_PRESENT] = "not-present",
		[PT_NON_CANONICAL] = "non-canonical",
		[PT_RESERVED_BIT] = "reserved-bit",
		[PT_PROTECTION_KEY] = "protection-key",
		[PT_UNREADABLE] = "unreadable-table",
		[PT_CHANGED] = "changed-under-us",
		[PT_EXCLUDED] = "excluded",
		[PT_HYPERVISOR] = "hypervisor",
	};

	return reason_names[reason];
}

bool pt_is_canonical(uint64_t va, unsigned levels)
{
	unsigned shift = levels == 5 ? 7 : 16;

	return (uint64_t)((int64_t)(va << shift) >> shift) == va;
}

static enum pt_verdict verdict_of(const struct pt_walk *walk)
{
	switch (walk->reason) {
	case PT_OK:
		return walk->writable ? PT_WRITABLE : PT_READ_ONLY;
	case PT_NOT_PRESENT:
	case PT_NON_CANONICAL:
	case PT_RESERVED_BIT: /* the CPU faults on it: nothing is mapped there */
	case PT_HYPERVISOR:
		return PT_UNMAPPED;
	case PT_PROTECTION_KEY:
	case PT_UNREADABLE:
	case PT_CHANGED:
	case PT_EXCLUDED:
		return PT_UNKNOWN;
	}
	return PT_UNKNOWN;
}

/* One descent. Leaves reason, steps, span, pa and rights in @walk. */
static void descend(const struct pagetable *pt, bool fresh, struct pt_walk *walk)
{
	const struct pt_format *format = &pt->format;
	uint64_t table = pt->root_pa;

	walk->nr_steps = 0;
	walk->writable = true;
	walk->user = !format->is_ring3 || !(walk->va >> 63);
	walk->nx = false;
	walk->denied_by = -1;
	for (enum pt_level level = format->levels - 1;; level--) {
		struct pt_step *step = &walk->steps[walk->nr_steps];
		unsigned index = pt_level_index(level, walk->va);
		uint64_t entry;
		int r;

		*step = (struct pt_step){
			.level = level,
			.index = index,
			.entry_pa = table + 8 * index,
		};
		walk->nr_steps++;
		walk->span = pt_level_span(level);
		r = pt->read(pt->ctx, step->entry_pa, fresh, &entry);
		if (r) {
			walk->reason = r == -ENODATA ? PT_EXCLUDED : PT_UNREADABLE;
			return;
		}
		step->value = entry;
		if (!(entry & PT_PRESENT)) {
			walk->reason = PT_NOT_PRESENT;
			return;
		}
		if (pt_entry_reserved(format, entry, level)) {
			walk->reason = PT_RESERVED_BIT;
			return;
		}
		if (pt_entry_is_hypervisors(format, entry)) {
			walk->reason = PT_HYPERVISOR;
			return;
		}
		if (!(entry & PT_RW) && walk->denied_by < 0)
			walk->denied_by = (int)walk->nr_steps - 1;
		walk->writable &= !!(entry & PT_RW);
		walk->user &= !!(entry & PT_USER);
		walk->nx |= !!(entry & PT_NX);
		table = pt_entry_pa(format, entry, level);
		if (pt_entry_is_leaf(entry, level)) {
			walk->pa = table | (walk->va & (walk->span - 1));
			walk->reason = format->pks && !walk->user && entry & PT_PKEY
					       ? PT_PROTECTION_KEY
					       : PT_OK;
			return;
		}
	}
}

/* Reads every entry again, top-down. A table page that was freed after the first pass
 * shows here as a changed entry above it.
 */
static bool is_unchanged(const struct pagetable *pt, const struct pt_walk *walk)
{
	for (unsigned i = 0; i < walk->nr_steps; i++) {
		const struct pt_step *step = &walk->steps[i];
		bool was_unreadable = pt_is_unreadable(walk->reason) &&
				      i + 1 == walk->nr_steps;
		uint64_t entry;
		bool is_unreadable = pt->read(pt->ctx, step->entry_pa, true, &entry) != 0;

		if (is_unreadable != was_unreadable)
			return false;
		if (!is_unreadable && entry != step->value)
			return false;
	}
	return true;
}

void pt_walk(const struct pagetable *pt, uint64_t va, struct pt_walk *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->va = va;
	ret->denied_by = -1;
	if (!pt_is_canonical(va, pt->format.levels)) {
		ret->reason = PT_NON_CANONICAL;
		ret->verdict = verdict_of(ret);
		ret->span = pt_level_span(PT_PTE);
		return;
	}
	for (int round = 0; round < PT_MAX_ROUNDS; round++) {
		descend(pt, round > 0, ret);
		if (is_unchanged(pt, ret)) {
			ret->verdict = verdict_of(ret);
			return;
		}
	}
	ret->reason = PT_CHANGED;
	ret->verdict = verdict_of(ret);
}
