/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel's constants lead. */
#include "unchanged/pointers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/x86.h"
#include "unchanged/outside.h"
#include "unchanged/text.h"

enum { CHUNK_BYTES = 16 * PAGE_BYTES }; /* that are read at once */

/* Constants that rightly have such an address. */
static const char *const allowed[] = {
	"hv_hypercall_pg", /* arch/x86/hyperv/hv_init.c: the hypervisor's page */
	"execmem_info",	   /* mm/execmem.c: bounds of areas for code, since 6.10 */
};

struct words {
	struct outside outside;
	size_t nr, nr_text, nr_unread;
	bool is_end_unread; /* of the text, to which one leads */
};

static bool is_allowed(struct audit *audit, uint64_t va)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	for (size_t i = 0; symbol && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strcmp(symbol->name, allowed[i]) == 0)
			return true;
	return false;
}

static void look(struct words *words, uint64_t va, uint64_t word)
{
	struct audit *audit = words->outside.audit;
	struct outside_place place = {
		.va = va, .target = word, .nr_bytes = sizeof(word), .does = "points to"};

	words->nr++;
	if (word < X86_KERNEL_HALF)
		return;
	if (audit_is_kernel_text(audit, word)) {
		words->nr_text++;
		return;
	}
	if (outside_is_unread_end(audit, word)) {
		words->is_end_unread = true;
		return;
	}
	if (!outside_is_code(audit, word) || is_allowed(audit, va))
		return;
	memcpy(place.bytes, &word, sizeof(word));
	outside_find(&words->outside, &place);
}

static bool is_constant(const struct words *words, uint64_t va)
{
	enum region_kind kind = region_of(words->outside.audit->kernel, va)->kind;

	return kind == REGION_RODATA || kind == REGION_RO_AFTER_INIT;
}

/* Whole pages but for the first and the last. Gaps between sections are not mapped, or
 * given back.
 */
static void look_at_pages(struct words *words, uint64_t va, uint64_t end)
{
	uint64_t array[CHUNK_BYTES / sizeof(uint64_t)];
	uint64_t page_end = audit_page_of(va) + PAGE_BYTES;

	if (text_read(words->outside.audit, va, end - va, (unsigned char *)array) == 0) {
		for (size_t i = 0; i < (end - va) / sizeof(array[0]); i++)
			look(words, va + i * sizeof(array[0]), array[i]);
		return;
	}
	if (page_end >= end) {
		words->nr_unread++;
		return;
	}
	for (; va < end; va = page_end, page_end += PAGE_BYTES)
		look_at_pages(words, va, page_end < end ? page_end : end);
}

static void look_at_range(struct words *words, uint64_t va, uint64_t end)
{
	while (va < end) {
		uint64_t start = va;

		while (va < end &&
		       audit_page_of(va) - audit_page_of(start) < CHUNK_BYTES &&
		       is_constant(words, va))
			va = audit_page_of(va) + PAGE_BYTES;
		if (va == start)
			va = audit_page_of(va) + PAGE_BYTES;
		else
			look_at_pages(words, start, va < end ? va : end);
	}
}

void pointers_check(struct audit *audit)
{
	const uint64_t *labels = audit->kernel->labels;
	uint64_t start = labels[LABEL_START_RODATA], end = labels[LABEL_END_RODATA];
	const struct audit_row row = {
		.group = AUDIT_UNCHANGED,
		.verdict = AUDIT_SEALED,
		.name = "pointers of constants",
		.symbol = "__start_rodata",
		.address = start,
		.size_bytes = start && end > start ? end - start : 0,
		.why = "no pointer among the constants leads to code that is not the "
		       "kernel's",
	};
	size_t index = audit_add_row(audit, &row);
	struct words words = {
		.outside = {.audit = audit, .row = index, .kind = AUDIT_POINTER_OUTSIDE}};

	if (index >= audit->nr_rows)
		return;
	if (!row.size_bytes || !audit->kernel->has_symbols) {
		audit_undecided(audit, index, "its bounds are not known");
		return;
	}
	look_at_range(&words, start, end);
	outside_finish(&words.outside);
	if (words.nr_unread)
		audit_undecided(audit, index, "%zu of its pages cannot be read%s",
				words.nr_unread,
				audit->kernel->is_live ? ""
						       : ": a 'kwcheck capture' without "
							 "--small takes them along");
	else if (words.is_end_unread)
		audit_undecided(audit, index,
				"one leads to the end of the text, and what lies there "
				"cannot be read");
	else if (audit->rows[index].verdict != AUDIT_UNKNOWN)
		snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
			 "%zu words, %zu of them lead to kernel text", words.nr,
			 words.nr_text);
}
