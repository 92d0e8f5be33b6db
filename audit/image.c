/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel image's sections as whole ranges. */
#include "audit/image.h"

#include <inttypes.h>
#include <stdio.h>

#include "audit/nameless.h"
#include "audit/names.h"
#include "audit/pages.h"

/* arch/x86/mm/init_64.c: mark_rodata_ro() since 2.6.25. */
static const struct {
	const char *name, *symbol;
	enum kernel_label start, end;
	const char *expected, *why, *since;
} sections[] = {
	{"kernel text", "_text", LABEL_TEXT, LABEL_ETEXT, "r-x",
	 "all the kernel's code; a write changes what it does", "2.6"},
	{"read-only data", "__start_rodata", LABEL_START_RODATA, LABEL_END_RODATA, "r--",
	 "constants and tables of functions, the hook lists among them", "2.6"},
	{"data sealed after boot", "__start_ro_after_init", LABEL_START_RO_AFTER_INIT,
	 LABEL_END_RO_AFTER_INIT, "r--", "written while booting, constant since", "4.6"},
	{"data", "_sdata", LABEL_SDATA, LABEL_EDATA, "rw-",
	 "writable by design, so it must not be executable", "2.6"},
	{"bss", "__bss_start", LABEL_BSS_START, LABEL_BSS_STOP, "rw-",
	 "writable by design, so it must not be executable", "2.6"},
	{"freed init memory", "__init_begin", LABEL_INIT_BEGIN, LABEL_INIT_END, "rw-",
	 "given back after boot and used for anything, so it must not be executable",
	 "2.6"},
};

static void check_section(struct audit *audit, size_t i)
{
	const struct kernel *kernel = audit->kernel;
	uint64_t start = kernel->labels[sections[i].start];
	uint64_t end = kernel->labels[sections[i].end];
	struct audit_row row = {
		.group = AUDIT_IMAGE,
		.verdict = AUDIT_SEALED,
		.address = start,
		.expected = sections[i].expected,
		.why = sections[i].why,
		.since = sections[i].since,
	};
	size_t index;

	snprintf(row.name, sizeof(row.name), "%s", sections[i].name);
	snprintf(row.symbol, sizeof(row.symbol), "%s", sections[i].symbol);
	row.size_bytes = start && end > start ? end - start : 0;
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	if (row.size_bytes)
		pages_check(audit, index, start, end - start);
	else
		audit_undecided(audit, index, "its bounds are not known: %s",
				nameless_why(audit));
}

/* Tells two variables: rodata_enabled is false with rodata=off, and
 * kernel_set_to_readonly says that mark_rodata_ro() ran. The values only explain; the
 * rights of the pages decide.
 */
static void check_switch(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_IMAGE,
		.verdict = AUDIT_SEALED,
		.name = "sealing at boot",
		.symbol = "rodata_enabled",
		.why = "says whether the kernel sealed anything at all",
		.since = "4.6",
	};
	uint64_t enabled_va, done_va;
	uint8_t is_enabled;
	uint32_t is_done = 1;
	size_t index;

	if (!audit_symbol(audit, "rodata_enabled", &enabled_va) ||
	    mappings_read(&audit->mappings, enabled_va, &is_enabled, 1) < 0)
		return;
	if (audit_symbol(audit, "kernel_set_to_readonly", &done_va))
		mappings_read(&audit->mappings, done_va, &is_done, sizeof(is_done));
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	audit->rows[index].address = enabled_va;
	audit->rows[index].size_bytes = 1;
	snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
		 "rodata_enabled %u, kernel_set_to_readonly %" PRIu32, is_enabled,
		 is_done);
	/* What follows from it is known when the pages are. */
	if (!is_enabled)
		audit->rodata_off_row = index;
}

/* Neighbours with the same difference, told once. */
struct difference {
	uint64_t va, size_bytes;
	bool image_writable;
};

static void tell_difference(struct audit *audit, size_t row,
			    const struct difference *difference)
{
	char place[128];

	if (difference->size_bytes)
		audit_find(audit, row, AUDIT_RIGHTS_DIFFER, difference->va,
			   difference->size_bytes,
			   "%" PRIu64 " page%s at 0x%016" PRIx64
			   " (%s): the image says %s, the direct map %s",
			   difference->size_bytes / PAGE_BYTES,
			   difference->size_bytes == PAGE_BYTES ? "" : "s",
			   difference->va,
			   audit_place(audit, difference->va, place, sizeof(place)),
			   difference->image_writable ? "writable" : "read-only",
			   difference->image_writable ? "read-only" : "writable");
}

/* Do the rights still differ at a second look? *@ret: the image's page is the writable
 * one.
 */
static bool differs(const struct audit *audit, uint64_t va, uint64_t alias, bool *ret)
{
	struct pt_walk image, direct;

	pt_walk(&audit->kernel->pt, va, &image);
	pt_walk(&audit->kernel->pt, alias, &direct);
	*ret = image.writable;
	return image.reason == PT_OK && direct.reason == PT_OK && image.pa == direct.pa &&
	       image.writable != direct.writable;
}

/* Compares data's rights in the image with those in the direct map. Sealed sections have
 * rows of their own. Memory that was given back (init, gaps, the locks of SMP on one CPU,
 * brk's remainder behind .bss) differs rightfully: once it was a BPF program's or a
 * module's, set_memory_ro() sealed both and the freeing unsealed the direct map alone.
 */
static void compare_aliases(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_IMAGE,
		.verdict = AUDIT_SEALED,
		.name = "image against direct map",
		.why = "the kernel changes both together, who edits an entry by hand changes "
		       "one",
		.since = "2.6",
	};
	const struct kernel *kernel = audit->kernel;
	uint64_t va = kernel->labels[LABEL_TEXT], end = kernel->labels[LABEL_END];
	struct difference last = {0};
	size_t index, nr_compared = 0;

	if (!va || end <= va)
		return;
	index = audit_add_row(audit, &row);
	for (va &= ~(uint64_t)(PAGE_BYTES - 1); va < end; va += PAGE_BYTES) {
		const struct mapping *image = mappings_at(&audit->mappings, va), *direct;
		enum region_kind kind = region_of(kernel, va)->kind;
		uint64_t pa, alias;
		bool is_writable;

		if (kind != REGION_DATA && kind != REGION_BSS)
			continue;
		if (!image || !mappings_pa(&audit->mappings, va, &pa) ||
		    !kernel_direct_map(kernel, pa, &alias))
			continue;
		direct = mappings_at(&audit->mappings, alias);
		nr_compared++;
		if (!direct || direct->writable == image->writable ||
		    !differs(audit, va, alias, &is_writable))
			continue;
		if (last.va + last.size_bytes == va &&
		    last.image_writable == is_writable) {
			last.size_bytes += PAGE_BYTES;
			continue;
		}
		tell_difference(audit, index, &last);
		last = (struct difference){va, PAGE_BYTES, is_writable};
	}
	tell_difference(audit, index, &last);
	if (index < audit->nr_rows && nr_compared == 0)
		audit_undecided(audit, index,
				"no page could be compared: where the direct map lies "
				"is not known");
	else if (index < audit->nr_rows)
		snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
			 "%zu pages of data compared", nr_compared);
}

void image_want(struct audit *audit)
{
	audit_want(audit, "rodata_enabled");
	audit_want(audit, "kernel_set_to_readonly");
}

void image_check(struct audit *audit)
{
	check_switch(audit);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		check_section(audit, i);
	compare_aliases(audit);
}
