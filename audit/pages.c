/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights of pages against what their rows expect; and the sealed frames' other mappings.
 */
#include "audit/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/names.h"
#include "audit/sealed_aliases.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"

/* A text_poke() or a module's load takes milliseconds. */
enum { SECOND_LOOK_MS = 50 };
/* At most so many pages of a run are looked at again. A longer run is no transition. */
enum { MAX_LOOKS = 64 };

static bool expects(const struct audit_row *row, char right)
{
	return row->expected && strchr(row->expected, right) != NULL;
}

static void add_found(struct audit_row *row, const char *rights)
{
	if (row->found[0] == '\0')
		snprintf(row->found, sizeof(row->found), "%s", rights);
	else if (strcmp(row->found, rights) != 0)
		snprintf(row->found, sizeof(row->found), "mixed");
}

/* What is wrong with a page of these rights in a row that expects others. */
static enum audit_kind violation_of(const struct audit *audit,
				    const struct audit_row *row,
				    const struct mapping *mapping)
{
	bool is_executable = !mapping->nx && !audit->kernel->pt.format.no_nx;
	bool has_w = mapping->writable && !expects(row, 'w');
	bool has_x = is_executable && !expects(row, 'x');

	if (!row->expected)
		return AUDIT_KIND_NONE;
	if (mapping->writable && is_executable)
		return AUDIT_WRITABLE_EXECUTABLE;
	return has_w ? AUDIT_WRITABLE : has_x ? AUDIT_EXECUTABLE_DATA : AUDIT_KIND_NONE;
}

void pages_check(struct audit *audit, size_t row_index, uint64_t va, uint64_t size_bytes)
{
	uint64_t at = audit_page_of(va), end, nr_absent = 0;
	struct audit_row *row;

	if (row_index >= audit->nr_rows || size_bytes == 0)
		return;
	row = &audit->rows[row_index];
	end = audit_page_end(va, size_bytes);
	while (at != end) {
		const struct mapping *mapping = mappings_from(&audit->mappings, at);
		uint64_t stop = end;
		enum audit_kind kind;

		if (!mapping || mapping->va > at) {
			if (mapping && mapping->va - at < end - at)
				stop = mapping->va;
			nr_absent += (stop - at) / PAGE_BYTES;
			add_found(row, "---");
			at = stop;
			continue;
		}
		if (mapping->va + (mapping->size_bytes - 1) < end - 1)
			stop = mapping->va + mapping->size_bytes;
		if (mapping->reason != PT_OK)
			audit_undecided(audit, row_index, "its rights are not known: %s",
					pt_reason_name(mapping->reason));
		add_found(row, mapping_rights(mapping));
		kind = violation_of(audit, row, mapping);
		if (kind != AUDIT_KIND_NONE && mapping->reason == PT_OK)
			audit_add_violation(audit, kind, at, stop - at, 0);
		at = stop;
	}
	/* Writable data may have been freed and unmapped. Sealed pages are there to be
	 * read.
	 */
	if (nr_absent && row->expected && !expects(row, 'w'))
		audit_undecided(audit, row_index,
				"%" PRIu64 " of its pages are not mapped", nr_absent);
	audit_add_range(audit, row_index, va, size_bytes,
			row->expected && !expects(row, 'w'));
}

/* ---- violations to findings ---- */

static int compare_violation(const void *a, const void *b)
{
	const struct audit_violation *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	return x->kind > y->kind ? -1 : x->kind < y->kind;
}

static bool continues(const struct audit_violation *last,
		      const struct audit_violation *next)
{
	return last->kind == next->kind && last->va + last->size_bytes == next->va &&
	       (last->kind != AUDIT_WRITABLE_ALIAS ||
		last->target + last->size_bytes == next->target);
}

/* Makes the violations disjoint and ascending: where two overlap, the graver kind wins.
 * One pass over the bounds; a bound is the start or end of some violation.
 */
static int merge(struct audit *audit)
{
	size_t nr = audit->nr_violations, nr_bounds = 0;
	_cleanup_free_ uint64_t *bounds = calloc(2 * nr + 1, sizeof(*bounds));
	struct audit_violation *old = audit->violations;

	if (!bounds)
		return -ENOMEM;
	if (nr)
		qsort(old, nr, sizeof(*old), compare_violation);
	audit->violations = NULL;
	audit->nr_violations = audit->violations_room = 0;
	for (size_t i = 0; i < nr; i++) {
		bounds[nr_bounds++] = old[i].va;
		bounds[nr_bounds++] = old[i].va + old[i].size_bytes;
	}
	qsort(bounds, nr_bounds, sizeof(*bounds), array_compare);
	for (size_t i = 0; i + 1 < nr_bounds; i++) {
		struct audit_violation piece = {.va = bounds[i],
						.size_bytes = bounds[i + 1] - bounds[i]};

		if (piece.size_bytes == 0)
			continue;
		for (size_t j = 0; j < nr && old[j].va <= piece.va; j++) {
			if (old[j].va + old[j].size_bytes <= piece.va ||
			    old[j].kind <= piece.kind)
				continue;
			piece.kind = old[j].kind;
			piece.target = old[j].target
					       ? old[j].target + (piece.va - old[j].va)
					       : 0;
		}
		if (piece.kind == AUDIT_KIND_NONE)
			continue;
		if (audit->nr_violations &&
		    continues(&audit->violations[audit->nr_violations - 1], &piece))
			audit->violations[audit->nr_violations - 1].size_bytes +=
				piece.size_bytes;
		else
			audit_add_violation(audit, piece.kind, piece.va, piece.size_bytes,
					    piece.target);
	}
	free(old);
	return 0;
}

static bool is_still_so(const struct audit *audit,
			const struct audit_violation *violation, uint64_t va)
{
	struct pt_walk walk;

	pt_walk(&audit->kernel->pt, va, &walk);
	if (walk.reason != PT_OK)
		return false;
	switch (violation->kind) {
	case AUDIT_EXECUTABLE_DATA:
		return !walk.nx;
	case AUDIT_WRITABLE_EXECUTABLE:
		return walk.writable && !walk.nx;
	default:
		return walk.writable;
	}
}

/* Drops the violations that a second look does not confirm. A run of pages shrinks from
 * both ends.
 */
static void look_again(struct audit *audit)
{
	const struct timespec wait = {.tv_nsec = SECOND_LOOK_MS * 1000000L};
	size_t nr_kept = 0;

	if (audit->nr_violations == 0)
		return;
	if (audit->kernel->is_live)
		nanosleep(&wait, NULL);
	for (size_t i = 0; i < audit->nr_violations; i++) {
		struct audit_violation violation = audit->violations[i];
		unsigned nr_looks = 0;

		while (violation.size_bytes && nr_looks++ < MAX_LOOKS &&
		       !is_still_so(audit, &violation, violation.va)) {
			violation.va += PAGE_BYTES;
			violation.target += violation.target ? PAGE_BYTES : 0;
			violation.size_bytes -= PAGE_BYTES;
		}
		while (violation.size_bytes && nr_looks++ < MAX_LOOKS &&
		       !is_still_so(audit, &violation,
				    violation.va + violation.size_bytes - PAGE_BYTES))
			violation.size_bytes -= PAGE_BYTES;
		if (violation.size_bytes)
			audit->violations[nr_kept++] = violation;
		else
			audit->nr_transient++;
	}
	audit->nr_violations = nr_kept;
}

/* Does a row of this expectation mind the violation? */
static bool minds(const struct audit_row *row, enum audit_kind kind)
{
	switch (kind) {
	case AUDIT_EXECUTABLE_DATA:
		return row->expected && !expects(row, 'x');
	case AUDIT_WRITABLE_EXECUTABLE:
		return row->expected != NULL;
	default:
		return row->expected && !expects(row, 'w');
	}
}

struct concerned {
	size_t smallest; /* row, or AUDIT_NO_ROW */
	uint64_t smallest_bytes;
	size_t nr;
	char names[160]; /* "a, b and 3 more" */
};

static void concern(struct audit *audit, struct concerned *concerned,
		    const struct audit_range *range)
{
	struct audit_row *row = &audit->rows[range->row];
	size_t used = strlen(concerned->names);

	if (concerned->smallest == AUDIT_NO_ROW ||
	    range->size_bytes < concerned->smallest_bytes) {
		concerned->smallest = range->row;
		concerned->smallest_bytes = range->size_bytes;
	}
	row->verdict = AUDIT_UNSEALED;
	if (concerned->nr++ < 4)
		snprintf(concerned->names + used, sizeof(concerned->names) - used,
			 "%s%.40s", used ? ", " : "", row->name);
}

static void collect_rows(struct audit *audit, const struct audit_violation *violation,
			 struct concerned *ret)
{
	uint64_t va = violation->target ? violation->target : violation->va;
	size_t last_row = AUDIT_NO_ROW;

	*ret = (struct concerned){.smallest = AUDIT_NO_ROW};
	for (size_t i = 0; i < audit->nr_ranges; i++) {
		const struct audit_range *range = &audit->ranges[i];

		if (range->row >= audit->nr_rows || range->row == last_row ||
		    audit_page_of(range->va) >= va + violation->size_bytes ||
		    audit_page_end(range->va, range->size_bytes) <= va ||
		    !minds(&audit->rows[range->row], violation->kind))
			continue;
		concern(audit, ret, range);
		last_row = range->row;
	}
	if (ret->nr > 4) {
		size_t used = strlen(ret->names);

		snprintf(ret->names + used, sizeof(ret->names) - used, " and %zu more",
			 ret->nr - 4);
	}
}

/* Words for a finding: does the direct map agree on the rights of the frame behind @va?
 */
static const char *alias_words(const struct audit *audit, uint64_t va)
{
	uint64_t pa, alias;
	const struct mapping *mapping;

	if (!mappings_pa(&audit->mappings, va, &pa) ||
	    !kernel_direct_map(audit->kernel, pa, &alias) || alias == va)
		return "";
	mapping = mappings_at(&audit->mappings, alias);
	if (!mapping || mapping->reason != PT_OK)
		return "";
	return mapping->writable
		       ? "; the direct map agrees"
		       : "; the direct map still says read-only, so the entry was changed "
			 "by hand";
}

/* Words for a finding on a BPF trampoline. The kernel itself keeps it writable and
 * executable before 6.1 ("bpf: Enforce W^X for bpf trampoline").
 */
static const char *whose_words(const struct audit *audit, uint64_t va)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	return symbol && symbol->module && strcmp(symbol->module, "bpf") == 0 &&
			       va - symbol->address < PAGE_BYTES &&
			       strncmp(symbol->name, "bpf_trampoline_", 15) == 0
		       ? "; kernels before 6.1 keep BPF trampolines so while a program is "
			 "attached"
		       : "";
}

static void tell(struct audit *audit, const struct audit_violation *violation)
{
	uint64_t nr_pages = violation->size_bytes / PAGE_BYTES;
	const char *s = nr_pages == 1 ? "" : "s";
	struct concerned concerned;
	char place[128], target[128];
	size_t row;

	collect_rows(audit, violation, &concerned);
	row = concerned.smallest;
	audit_place(audit, violation->va, place, sizeof(place));
	if (row == AUDIT_NO_ROW)
		row = violation->kind == AUDIT_WRITABLE_EXECUTABLE ? audit->wx_row : row;
	switch (violation->kind) {
	case AUDIT_WRITABLE_ALIAS:
		audit_place(audit, violation->target, target, sizeof(target));
		audit_find(audit, row, violation->kind, violation->va,
			   violation->size_bytes,
			   "%" PRIu64 " page%s of %s can be written at 0x%016" PRIx64
			   " (%s), past the seal of 0x%016" PRIx64 " (%s)",
			   nr_pages, s, concerned.names, violation->va,
			   region_of(audit->kernel, violation->va)->name,
			   violation->target, target);
		break;
	case AUDIT_WRITABLE_EXECUTABLE:
		audit_find(audit, row, violation->kind, violation->va,
			   violation->size_bytes,
			   "%" PRIu64 " page%s at 0x%016" PRIx64
			   " (%s) can be written and executed%s%s%s",
			   nr_pages, s, violation->va, place,
			   concerned.nr ? "; ought to be sealed: " : "", concerned.names,
			   whose_words(audit, violation->va));
		break;
	case AUDIT_EXECUTABLE_DATA:
		audit_find(audit, row, violation->kind, violation->va,
			   violation->size_bytes,
			   "%" PRIu64 " page%s of %s at 0x%016" PRIx64
			   " (%s) can be executed",
			   nr_pages, s, concerned.names, violation->va, place);
		break;
	default:
		audit_find(audit, row, violation->kind, violation->va,
			   violation->size_bytes,
			   "%" PRIu64 " page%s of %s at 0x%016" PRIx64
			   " (%s) can be written%s",
			   nr_pages, s, concerned.names, violation->va, place,
			   alias_words(audit, violation->va));
	}
}

/* Does the violation follow from rodata=off? It opens the whole image, and on older
 * kernels the modules; all that is one finding.
 */
static bool is_of_rodata_off(const struct audit *audit,
			     const struct audit_violation *violation)
{
	return audit->rodata_off_row < audit->nr_rows &&
	       violation->va >= audit->kernel->labels[LABEL_TEXT] &&
	       region_of(audit->kernel, violation->va)->kind != REGION_FIXMAP;
}

static void tell_rodata_off(struct audit *audit)
{
	uint64_t nr_pages = 0, nr_wx = 0;

	if (audit->rodata_off_row >= audit->nr_rows)
		return;
	for (size_t i = 0; i < audit->nr_violations; i++) {
		const struct audit_violation *violation = &audit->violations[i];
		struct concerned concerned;

		if (!is_of_rodata_off(audit, violation))
			continue;
		collect_rows(audit, violation, &concerned);
		nr_pages += violation->size_bytes / PAGE_BYTES;
		if (violation->kind == AUDIT_WRITABLE_EXECUTABLE)
			nr_wx += violation->size_bytes / PAGE_BYTES;
	}
	audit_find(audit, audit->rodata_off_row, AUDIT_RODATA_OFF,
		   audit->rows[audit->rodata_off_row].address, 0,
		   "the kernel was booted with rodata=off: %" PRIu64
		   " pages of its image and modules are not sealed, %" PRIu64
		   " of them can be written and executed",
		   nr_pages, nr_wx);
}

/* Counts the pages of each row. A page that several ranges of a row touch counts once. */
static int count_pages(struct audit *audit)
{
	size_t nr = audit->nr_ranges;
	_cleanup_free_ struct audit_range *ranges = calloc(nr + 1, sizeof(*ranges));
	_cleanup_free_ uint64_t *done = calloc(audit->nr_rows + 1, sizeof(*done));

	if (!ranges || !done)
		return -ENOMEM;
	audit_sort_ranges(audit, ranges);
	for (size_t i = 0; i < nr; i++) {
		uint64_t start = audit_page_of(ranges[i].va);
		uint64_t end = audit_page_end(ranges[i].va, ranges[i].size_bytes);
		size_t row = ranges[i].row;

		if (row >= audit->nr_rows)
			continue;
		if (start < done[row])
			start = done[row];
		if (start >= end)
			continue;
		audit->rows[row].nr_pages += (end - start) / PAGE_BYTES;
		done[row] = end;
	}
	return 0;
}

void pages_finish(struct audit *audit)
{
	int r = sealed_aliases_find(audit);

	if (r == 0)
		r = merge(audit);
	if (r == 0)
		r = count_pages(audit);
	if (r < 0) {
		audit->failed = r;
		return;
	}
	look_again(audit);
	for (size_t i = 0; i < audit->nr_violations; i++)
		if (!is_of_rodata_off(audit, &audit->violations[i]))
			tell(audit, &audit->violations[i]);
	tell_rodata_off(audit);
	if (audit->wx_row < audit->nr_rows)
		for (size_t i = 0; i < audit->nr_violations; i++)
			if (audit->violations[i].kind == AUDIT_WRITABLE_EXECUTABLE)
				audit->rows[audit->wx_row].verdict = AUDIT_UNSEALED;
}
