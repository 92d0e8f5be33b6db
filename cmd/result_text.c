/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "check" and "walk" for people. */
#include "cmd/result_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/alias_text.h"
#include "kcore/glob.h"

/* SGR codes. Colour repeats what the word says, never adds to it. */
static const char *const verdict_colors[] = {
	[RESULT_UNKNOWN] = "1;33",   [RESULT_WRITABLE] = "1;32",
	[RESULT_READ_ONLY] = "1;31", [RESULT_UNMAPPED] = "1;31",
	[RESULT_MIXED] = "1;33",
};

const char *result_text_color(enum result_verdict verdict)
{
	return verdict_colors[verdict];
}

static void print_verdict(const struct text *text, enum result_verdict verdict)
{
	if (text->has_color)
		printf("\033[%sm%s\033[0m", verdict_colors[verdict],
		       result_verdict_name(verdict));
	else
		fputs(result_verdict_name(verdict), stdout);
}

static void print_name(const struct result *result)
{
	if (!result->symbol) {
		text_safe(stdout, result->query);
		return;
	}
	if (result->symbol->module) {
		text_safe(stdout, result->symbol->module);
		putchar(':');
	}
	text_safe(stdout, result->symbol->name);
	if (result->symbol_offset)
		printf("+0x%" PRIx64, result->symbol_offset);
}

static void print_steps(const struct pt_format *format, const struct pt_walk *walk)
{
	for (unsigned i = 0; i < walk->nr_steps; i++) {
		const struct pt_step *step = &walk->steps[i];

		printf("  %s %3u  %016" PRIx64 "  ",
		       pt_level_name(step->level, format->levels), step->index,
		       step->entry_pa);
		if (pt_is_unreadable(walk->reason) && i + 1 == walk->nr_steps)
			printf("----------------  %s",
			       walk->reason == PT_EXCLUDED ? "excluded" : "unreadable");
		else {
			printf("%016" PRIx64 " ", step->value);
			text_entry_flags(format, step);
		}
		if (walk->denied_by == (int)i)
			fputs("  <- no RW", stdout);
		putchar('\n');
	}
}

static void print_effective(const struct pt_format *format, const struct pt_walk *walk)
{
	static const char *const pat_types[] = {"WB", "WC", "UC-", "UC",
						"WB", "WP", "UC-", "WT"};
	const struct pt_step *leaf = &walk->steps[walk->nr_steps - 1];
	unsigned pat;

	if (walk->nr_steps == 0 ||
	    (walk->reason != PT_OK && walk->reason != PT_PROTECTION_KEY))
		return;
	pat = pt_entry_pat(leaf->value, leaf->level);
	printf("  effective: r%c%c, %s; %s page, physical %016" PRIx64,
	       walk->writable ? 'w' : '-', walk->nx ? '-' : 'x',
	       walk->user ? "user" : "supervisor", result_span_name(walk->span),
	       walk->pa);
	/* Linux's PAT layout: arch/x86/mm/pat/memtype.c:pat_bp_init(). */
	if (pat)
		printf("; PAT %u (%s)", pat, pat_types[pat]);
	if (format->enc_mask)
		printf("; %s",
		       leaf->value & format->enc_mask ? "encrypted" : "not encrypted");
	putchar('\n');
}

static void print_walk(const struct pt_format *format, const struct pt_walk *walk)
{
	print_steps(format, walk);
	print_effective(format, walk);
}

static void print_runs(const struct text *text, const struct result *result)
{
	for (size_t i = 0; i < result->nr_runs; i++) {
		const struct result_run *run = &result->runs[i];
		const struct result_page *page = &result->pages[run->first_page];
		char why[256];

		result_explain_page(&text->facts->format, page, why, sizeof(why));
		printf("  %016" PRIx64 "-%016" PRIx64 "  %-9s  %s\n", run->address,
		       run->address + run->size_bytes,
		       pt_verdict_name(page->walk.verdict), why);
	}
}

static void print_head(const struct text *text, const struct result *result)
{
	print_name(result);
	printf("  %016" PRIx64 "  %" PRIu64 " byte%s  ", result->address,
	       result->size_bytes, result->size_bytes == 1 ? "" : "s");
	print_verdict(text, result->verdict);
	putchar('\n');
}

static void print_sentences(const struct text *text, const struct result *result)
{
	printf("  %s\n", result->explanation);
	if (result->verdict == RESULT_MIXED)
		print_runs(text, result);
	if (result->hint[0])
		printf("  %s\n", result->hint);
}

/* Result @i of the @nr that share a name. */
static void print_homonym(const struct result *result, size_t i, size_t nr)
{
	if (i == 0 && nr > 1) {
		text_safe(stdout, result->query);
		printf(glob_is_pattern(result->query) ? ": %zu symbols match\n"
						      : ": %zu symbols have this name\n",
		       nr);
	}
	if (nr > 1)
		printf("%zu of %zu, '%c': ", i + 1, nr, result->symbol->type);
}

/* Other mappings; a writable one of read-only memory is what a person must see. */
static void print_aliases(const struct result *result)
{
	alias_text_print(result);
	if (result->has_writable_alias)
		puts("  the memory is read-only where it is named, but a write through the "
		     "writable mapping succeeds");
}

/* What no page table of the kernel's own tells. */
static void print_denier(const struct text *text, const struct result *result)
{
	enum hypervisor hypervisor = text->facts->hypervisor;

	if (!result_denier(result, hypervisor))
		return;
	if (hypervisor == HYPERVISOR_UNNAMED)
		fputs("  a hypervisor", stdout);
	else
		printf("  the hypervisor (%s)", hypervisor_words(hypervisor));
	puts(" below this kernel may still deny a write by its own tables");
}

void result_text_check(const struct text *text, const struct result *result, size_t i,
		       size_t nr)
{
	print_homonym(result, i, nr);
	print_head(text, result);
	print_sentences(text, result);
	print_aliases(result);
	print_denier(text, result);
	if (text->is_verbose)
		for (size_t j = 0; j < result->nr_runs; j++)
			print_walk(&text->facts->format,
				   &result->pages[result->runs[j].first_page].walk);
}

void result_text_walk(const struct text *text, const struct result *result, size_t nth,
		      size_t nr)
{
	const struct kernelfacts *facts = text->facts;

	print_homonym(result, nth, nr);
	print_head(text, result);
	printf("  root %s at %016" PRIx64 ", %u levels\n", facts->root_name,
	       facts->root_pa, facts->format.levels);
	for (size_t i = 0; i < result->nr_pages; i++) {
		if (result->nr_pages > 1)
			printf("  page %zu of %zu: %016" PRIx64 "\n", i + 1,
			       result->nr_pages, result->pages[i].address);
		print_walk(&facts->format, &result->pages[i].walk);
	}
	print_sentences(text, result);
	print_denier(text, result);
}
