/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page tables themselves. */
#include "audit/tables.h"

#include <inttypes.h>
#include <stdio.h>

#include "audit/names.h"

static void tell_root(struct audit *audit)
{
	const struct kernel *kernel = audit->kernel;
	struct audit_row row = {
		.group = AUDIT_TABLES,
		.verdict = AUDIT_INFO,
		.name = "page tables",
		.symbol = "swapper_pg_dir",
		.address = kernel->swapper_pa - kernel->image_to_pa,
		.size_bytes = PAGE_BYTES,
		.nr_pages = audit->mappings.nr_tables,
		.why = "what decides all of this stays writable: the audit is a snapshot",
	};
	const struct mapping *root = mappings_at(&audit->mappings, row.address);

	if (root)
		snprintf(row.found, sizeof(row.found), "%s", mapping_rights(root));
	snprintf(row.detail, sizeof(row.detail), "%zu tables read, %zu reached again; %s",
		 audit->mappings.nr_tables, audit->mappings.nr_clones,
		 kernel->root.kind == ROOT_OWN_MM
			 ? "the reader's own root agrees with swapper_pg_dir"
			 : "read from swapper_pg_dir");
	audit_add_row(audit, &row);
}

/* Of a Xen PV domain's tables some entries are the hypervisor's. The domain cannot write
 * to what they map, whatever that is.
 */
static bool is_hypervisors(const struct audit *audit, const struct pt_walk *walk)
{
	return walk->reason == PT_HYPERVISOR ||
	       (audit->kernel->p2m.nr && walk->reason == PT_UNREADABLE &&
		walk->denied_by >= 0);
}

static void find_unfollowed(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_TABLES,
		.verdict = AUDIT_SEALED,
		.name = "entries that lead nowhere",
		.why = "what lies below an entry that cannot be followed is not known",
	};
	size_t index = audit_add_row(audit, &row), nr_hypervisors = 0;

	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		struct pt_walk walk;

		if (mapping->reason == PT_OK)
			continue;
		pt_walk(&audit->kernel->pt, mapping->va, &walk);
		if (walk.reason == PT_OK || walk.reason == PT_NOT_PRESENT)
			continue;
		if (is_hypervisors(audit, &walk)) {
			nr_hypervisors++;
			continue;
		}
		if (walk.reason == PT_RESERVED_BIT)
			audit_find(audit, index, AUDIT_RESERVED_BIT, mapping->va,
				   mapping->size_bytes,
				   "the %s entry of 0x%016" PRIx64
				   " (%s) has reserved bits set",
				   pt_level_name(mapping->level,
						 audit->kernel->pt.format.levels),
				   mapping->va,
				   region_of(audit->kernel, mapping->va)->name);
		else
			audit_undecided(audit, index, "0x%016" PRIx64 ": %s", mapping->va,
					pt_reason_name(walk.reason));
	}
	if (nr_hypervisors && index < audit->nr_rows &&
	    audit->rows[index].detail[0] == '\0')
		snprintf(
			audit->rows[index].detail, sizeof(audit->rows[index].detail),
			"none but %zu of the hypervisor's, which this kernel cannot write to",
			nr_hypervisors);
}

/* Since 6.6 the kernel clears Dirty in an entry that it makes read-only (x86/mm: Remove
 * _PAGE_DIRTY from kernel RO pages). So a read-only page with Dirty set was written while
 * CR0.WP was off. Older kernels leave Dirty set nearly everywhere: there it says nothing.
 */
static void find_dirty(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_TABLES,
		.verdict = AUDIT_SEALED,
		.name = "writes past the seal",
		.why = "a write with CR0.WP cleared leaves Dirty set in a read-only entry",
		.since = "6.6",
	};
	size_t index = audit_add_row(audit, &row);
	uint64_t nr_dirty = 0, nr_all = 0;

	if (index >= audit->nr_rows)
		return;
	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		uint64_t nr = mapping->size_bytes >> (12 + 9 * mapping->level);

		if (mapping->writable || mapping->reason != PT_OK)
			continue;
		nr_all += nr;
		nr_dirty += mapping->dirty ? nr : 0;
	}
	if (nr_dirty * 4 > nr_all) {
		audit->rows[index].verdict = AUDIT_INFO;
		snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
			 "cannot be seen on this kernel: %" PRIu64 " of %" PRIu64
			 " read-only entries have Dirty set since boot, as before 6.6",
			 nr_dirty, nr_all);
		return;
	}
	snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
		 "%" PRIu64 " of %" PRIu64 " read-only entries have Dirty set", nr_dirty,
		 nr_all);
	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		char place[128];

		if (!mapping->dirty)
			continue;
		audit_find(audit, index, AUDIT_DIRTY, mapping->va, mapping->size_bytes,
			   "something wrote to the read-only page%s at 0x%016" PRIx64
			   " (%" PRIu64 " KiB, %s, from %s)",
			   mapping->size_bytes > pt_level_span(mapping->level) ? "s" : "",
			   mapping->va, mapping->size_bytes / 1024,
			   region_of(audit->kernel, mapping->va)->name,
			   audit_place(audit, mapping->va, place, sizeof(place)));
	}
}

void tables_check(struct audit *audit)
{
	tell_root(audit);
	find_unfollowed(audit);
	find_dirty(audit);
}
