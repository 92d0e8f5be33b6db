/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer for one target: decided here, only rendered elsewhere. */
#include "cmd/result.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/clone.h"
#include "kcore/clonename.h"
#include "kcore/glob.h"
#include "module/kofile.h"

/* 256 MiB of 4-KiB pages; a person who wants more wants a map. */
enum { MAX_PAGES_OF_TARGET = 65536 };

const char *result_verdict_name(enum result_verdict verdict)
{
	static const char *const verdict_names[] = {
		[RESULT_UNKNOWN] = "unknown",	  [RESULT_WRITABLE] = "writable",
		[RESULT_READ_ONLY] = "read-only", [RESULT_UNMAPPED] = "unmapped",
		[RESULT_MIXED] = "mixed",
	};

	return verdict_names[verdict];
}

static enum result_verdict of_walk(enum pt_verdict verdict)
{
	switch (verdict) {
	case PT_WRITABLE:
		return RESULT_WRITABLE;
	case PT_READ_ONLY:
		return RESULT_READ_ONLY;
	case PT_UNMAPPED:
		return RESULT_UNMAPPED;
	case PT_UNKNOWN:
		return RESULT_UNKNOWN;
	}
	return RESULT_UNKNOWN;
}

const char *result_span_name(uint64_t span)
{
	static const char *const names[PT_MAX_LEVELS] = {
		[PT_PTE] = "4K",   [PT_PMD] = "2M",   [PT_PUD] = "1G",
		[PT_P4D] = "512G", [PT_PGD] = "256T",
	};

	for (enum pt_level level = PT_PTE; level < PT_MAX_LEVELS; level++)
		if (pt_level_span(level) == span)
			return names[level];
	return "?";
}

static const struct pt_step *last_step(const struct pt_walk *walk)
{
	return &walk->steps[walk->nr_steps - 1];
}

static bool has_writable_page(const struct result *result)
{
	for (size_t i = 0; i < result->nr_pages; i++)
		if (result->pages[i].walk.verdict == PT_WRITABLE)
			return true;
	return false;
}

const char *result_denier(const struct result *result, enum hypervisor hypervisor)
{
	return hypervisor_may_deny(hypervisor) &&
			       (has_writable_page(result) || result->has_writable_alias)
		       ? hypervisor_name(hypervisor)
		       : NULL;
}

const char *result_reason_name(const struct result_page *page)
{
	if (page->may_be_table)
		return "xen-page-table";
	if (page->is_unbooted && page->walk.verdict == PT_UNKNOWN)
		return "not-booted";
	return page->is_poisoned ? "poisoned-table" : pt_reason_name(page->walk.reason);
}

/* Tables of a Xen PV domain are read-only to it. They lie in the image, outside of what
 * is sealed for other reasons, and in the heap, which the direct map maps.
 */
static bool may_be_table(const struct kernel *kernel, const struct pt_walk *walk)
{
	const struct region *region = region_of(kernel, walk->va);
	uint64_t image_va;

	if (!kernel->p2m.nr || walk->verdict != PT_READ_ONLY)
		return false;
	if (region->kind == REGION_DIRECT_MAP &&
	    kernel_image_va(kernel, walk->pa, &image_va))
		region = region_of(kernel, image_va);
	switch (region->kind) {
	case REGION_FREED_INIT:
	case REGION_FREED_GAP:
	case REGION_DATA:
	case REGION_BSS:
	case REGION_IMAGE:
	case REGION_DIRECT_MAP:
		return true;
	default:
		return false;
	}
}

static void explain_mapped(const struct pt_format *format, const struct pt_walk *walk,
			   char *text, size_t text_bytes)
{
	unsigned levels = format->levels;
	const char *size = result_span_name(walk->span);
	const struct pt_step *step;
	bool is_leaf;

	if (walk->denied_by < 0) {
		snprintf(text, text_bytes,
			 "a write here succeeds: RW is set at every level (%s page)",
			 size);
		return;
	}
	step = &walk->steps[walk->denied_by];
	is_leaf = step == last_step(walk);
	snprintf(text, text_bytes, "a write here faults: the %s (%s%s) has RW clear",
		 pt_level_name(step->level, levels),
		 is_leaf ? size : "a table entry above the page, ",
		 is_leaf ? " page" : result_span_name(pt_level_span(step->level)));
}

static const char *unbooted_words(enum pt_verdict verdict)
{
	switch (verdict) {
	case PT_READ_ONLY:
		return "a write here will fault once the kernel has booted, which it was "
		       "not";
	case PT_WRITABLE:
		return "a write here will succeed once the kernel has booted, which it "
		       "was not";
	case PT_UNMAPPED:
	case PT_UNKNOWN:
		break;
	}
	return "cannot be known: the kernel was not booted, and its image does not tell "
	       "what will be here";
}

void result_explain_page(const struct pt_format *format, const struct result_page *page,
			 char *text, size_t text_bytes)
{
	const struct pt_walk *walk = &page->walk;
	unsigned levels = format->levels;
	const char *level = walk->nr_steps ? pt_level_name(last_step(walk)->level, levels)
					   : "address";

	if (page->is_unbooted) {
		snprintf(text, text_bytes, "%s", unbooted_words(walk->verdict));
		return;
	}
	if (page->may_be_table) {
		snprintf(text, text_bytes,
			 "cannot be known: read-only, and it may be a page table: Xen "
			 "carries out writes to those of the lowest level");
		return;
	}
	switch (walk->reason) {
	case PT_OK:
		explain_mapped(format, walk, text, text_bytes);
		break;
	case PT_NOT_PRESENT:
		snprintf(
			text, text_bytes,
			"any access here faults: the %s is not present (nothing is mapped)",
			level);
		break;
	case PT_NON_CANONICAL:
		snprintf(
			text, text_bytes,
			"any access here faults: not a canonical address with %u-level tables",
			levels);
		break;
	case PT_RESERVED_BIT:
		snprintf(
			text, text_bytes,
			"any access here faults: the %s has reserved bits set (0x%" PRIx64
			"); the table is damaged",
			level,
			pt_entry_reserved(format, last_step(walk)->value,
					  last_step(walk)->level));
		break;
	case PT_PROTECTION_KEY:
		snprintf(
			text, text_bytes,
			"cannot be known: the page has a protection key and supervisor keys are "
			"on; the key's rights are in an MSR");
		break;
	case PT_UNREADABLE:
		snprintf(
			text, text_bytes,
			"cannot be known: the %s table at physical 0x%016" PRIx64 " %s",
			level, last_step(walk)->entry_pa & ~(uint64_t)(PAGE_BYTES - 1),
			page->is_poisoned
				? "is poisoned or offline memory, which the kernel gives "
				  "as zeros"
				: "is in no memory that the core has");
		break;
	case PT_EXCLUDED:
		snprintf(text, text_bytes,
			 "cannot be known: the %s table at physical 0x%016" PRIx64 " %s",
			 level, last_step(walk)->entry_pa & ~(uint64_t)(PAGE_BYTES - 1),
			 page->missing ? page->missing : "is not in the dump");
		break;
	case PT_HYPERVISOR:
		snprintf(
			text, text_bytes,
			"any access here faults: the %s has USER clear: the hypervisor's, "
			"not this kernel's",
			level);
		break;
	case PT_CHANGED:
		snprintf(
			text, text_bytes,
			"cannot be known: the entries kept changing while they were read; try "
			"again");
		break;
	}
}

/* The tables are none of the kernel's own: only the rights are told. */
static void settle_unbooted(struct result_page *page)
{
	struct pt_walk *walk = &page->walk;

	if (walk->reason == PT_NON_CANONICAL)
		return;
	page->is_unbooted = true;
	walk->nr_steps = 0;
	walk->denied_by = -1;
	if (walk->verdict == PT_UNMAPPED)
		walk->verdict = PT_UNKNOWN;
}

static bool is_same_kind(const struct pt_walk *a, const struct pt_walk *b)
{
	return a->verdict == b->verdict && a->reason == b->reason && a->span == b->span &&
	       a->denied_by == b->denied_by;
}

/* Walks to the page at @at, of which the range still wants @left bytes. */
static struct result_page look_at_page(struct kernel *kernel, uint64_t at, uint64_t left)
{
	struct result_page page = {.address = at};
	uint64_t in_span;

	pt_walk(&kernel->pt, at, &page.walk);
	page.is_poisoned = kernel_is_walk_poisoned(kernel, &page.walk);
	page.may_be_table = may_be_table(kernel, &page.walk);
	if (page.may_be_table)
		page.walk.verdict = PT_UNKNOWN;
	if (kernel->is_unbooted)
		settle_unbooted(&page);
	if (page.walk.reason == PT_EXCLUDED)
		page.missing = kernel_missing_words(kernel,
						    last_step(&page.walk)->entry_pa);
	in_span = page.walk.span - at % page.walk.span;
	page.size_bytes = left < in_span ? left : in_span;
	return page;
}

/* Adds @page to the last run where both are of one kind, else begins a run with it. */
static int add_page(struct result *result, const struct result_page *page,
		    size_t *pages_room, size_t *runs_room)
{
	struct result_run *run = NULL;

	if (array_reserve(&result->pages, result->nr_pages, pages_room,
			  sizeof(*result->pages)) < 0 ||
	    array_reserve(&result->runs, result->nr_runs, runs_room,
			  sizeof(*result->runs)) < 0)
		return -ENOMEM;
	if (result->nr_runs)
		run = &result->runs[result->nr_runs - 1];
	if (!run || !is_same_kind(&result->pages[run->first_page].walk, &page->walk)) {
		run = &result->runs[result->nr_runs++];
		*run = (struct result_run){
			.first_page = result->nr_pages,
			.address = page->address,
		};
	}
	result->pages[result->nr_pages++] = *page;
	run->nr_pages++;
	run->size_bytes += page->size_bytes;
	return 0;
}

static int walk_range(struct kernel *kernel, struct result *result, struct error *err)
{
	uint64_t at = result->address, left = result->size_bytes;
	size_t pages_room = 0, runs_room = 0;

	while (left > 0) {
		struct result_page page = look_at_page(kernel, at, left);

		/* A symbol ends with its mapping: the last one of a module, of BPF or of
		 * ftrace has its neighbour far away.
		 */
		if (result->is_bound && result->nr_pages > 0 &&
		    page.walk.verdict == PT_UNMAPPED &&
		    result->pages[0].walk.verdict != PT_UNMAPPED) {
			result->size_bytes -= left;
			break;
		}
		if (result->nr_pages == MAX_PAGES_OF_TARGET)
			return error_set(
				err, ERROR_RANGE_TOO_LARGE, -E2BIG,
				"%.200s: the range touches more than %d pages; ask for "
				"less of it",
				result->query, MAX_PAGES_OF_TARGET);
		if (add_page(result, &page, &pages_room, &runs_room) < 0)
			return -ENOMEM;
		at += page.size_bytes;
		left -= page.size_bytes;
	}
	return 0;
}

/* kallsyms' letter names the section of link time. The hint says so if the page tables
 * contradict it.
 */
static void hint_letter(struct result *result)
{
	static const struct {
		const char *letters;
		const char *word;
		enum result_verdict expected;
	} kinds[] = {
		{"dD", "data", RESULT_WRITABLE},
		{"bB", "bss", RESULT_WRITABLE},
		{"rR", "read-only data", RESULT_READ_ONLY},
		{"tT", "text", RESULT_READ_ONLY},
	};
	char letter = result->symbol->type;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strchr(kinds[i].letters, letter) &&
		    result->verdict != kinds[i].expected &&
		    result->verdict != RESULT_UNKNOWN && result->verdict != RESULT_MIXED)
			snprintf(result->hint, sizeof(result->hint),
				 "kallsyms calls it '%c' (%s); the %s decides", letter,
				 kinds[i].word,
				 result->pages[0].is_unbooted ? "section" : "page table");
}

/* Labels that the linker script puts after a section: vmlinux.lds.S and vmlinux.lds.h. */
static bool is_end_label(const char *name)
{
	static const char *const labels[] = {"_etext",	   "_edata",	 "_end",
					     "__init_end", "_einittext", "__bss_stop"};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(labels[i], name) == 0)
			return true;
	return strncmp(name, "__end_", 6) == 0 || strncmp(name, "__stop_", 7) == 0;
}

/* Is the result's value no address of kernel memory? Then there is nothing to walk, and
 * the result's reason and explanation are filled in.
 */
static bool is_no_kernel_address(const struct kernel *kernel, struct result *result)
{
	char *text = result->explanation;
	size_t room = sizeof(result->explanation);

	if (result->is_named && !result->is_cpu_copy &&
	    kernel_is_per_cpu(kernel, result->symbol->address)) {
		result->reason = "per-cpu-symbol";
		snprintf(
			text, room,
			"cannot be known: a per-CPU symbol names %s; every CPU has its own "
			"copy: ask with --cpu=N",
			result->region->kind == REGION_USER
				? "an offset, not an address"
				: "a template that was freed after boot");
		return true;
	}
	if (result->region->kind != REGION_USER)
		return false;
	if (result->is_named) {
		result->reason = "absolute-symbol";
		snprintf(
			text, room,
			"cannot be known: an absolute symbol is a number, not an address of "
			"memory");
	} else {
		result->reason = "user-address";
		snprintf(
			text, room,
			"cannot be known: an address of the lower half belongs to a process, not "
			"to the kernel");
	}
	return true;
}

static void decide(struct result *result)
{
	const struct result_page *first = &result->pages[0];

	result->verdict = of_walk(first->walk.verdict);
	result->reason = result_reason_name(first);
	for (size_t i = 1; i < result->nr_pages; i++) {
		if (of_walk(result->pages[i].walk.verdict) == result->verdict)
			continue;
		result->verdict = RESULT_MIXED;
		result->reason = "mixed";
		return;
	}
}

/* The region's name and meaning, or how the verdict differs from it. */
static void explain_region(const struct result *result, char *text, size_t room)
{
	const struct region *region = result->region;
	bool is_unlike = (region->intent == REGION_SEALED &&
			  result->verdict == RESULT_WRITABLE) ||
			 (region->intent == REGION_WRITABLE &&
			  result->verdict == RESULT_READ_ONLY);

	if (region->kind == REGION_UNKNOWN || region->kind == REGION_NON_CANONICAL)
		return;
	if (is_unlike)
		snprintf(text, room, "; unlike most of %s, which is %s", region->name,
			 region->meaning);
	else
		snprintf(text, room, "; %s, %s", region->name, region->meaning);
}

static void explain(const struct pt_format *format, struct result *result)
{
	char *text = result->explanation;
	size_t room = sizeof(result->explanation);

	if (result->verdict == RESULT_MIXED) {
		snprintf(text, room,
			 "a write faults in part of the range: it has %zu runs",
			 result->nr_runs);
	} else {
		result_explain_page(format, &result->pages[0], text, room);
		explain_region(result, text + strlen(text), room - strlen(text));
	}
	if (result->region->kind == REGION_FREED_INIT && result->symbol)
		snprintf(
			result->hint, sizeof(result->hint),
			"the symbol's memory was freed after boot: what lies there now is "
			"something else");
}

void asker_close(struct asker *asker)
{
	aliases_close(&asker->aliases);
	if (asker->has_exports)
		exports_close(&asker->exports);
	asker->has_exports = false;
}

/* Where else the bytes of @page are mapped, and in which regions. */
static int find_aliases_of_page(struct asker *asker, struct result_page *page)
{
	_cleanup_free_ struct alias *found = NULL;
	size_t nr = 0;
	int r = aliases_find(&asker->aliases, asker->kernel, page->walk.pa,
			     page->size_bytes, page->address, &found, &nr);

	if (r < 0 || nr == 0)
		return r;
	page->aliases = calloc(nr, sizeof(*page->aliases));
	if (!page->aliases)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		page->aliases[page->nr_aliases++] = (struct result_alias){
			.va = found[i].va,
			.size_bytes = found[i].size_bytes,
			.verdict = found[i].verdict,
			.region = region_of(asker->kernel, found[i].va),
		};
	return 0;
}

static int find_aliases(struct asker *asker, struct result *result)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < result->nr_pages; i++)
		if (result->pages[i].walk.reason == PT_OK)
			r = aliases_expect(&asker->aliases, result->pages[i].walk.pa,
					   result->pages[i].size_bytes);
	for (size_t i = 0; r == 0 && i < result->nr_pages; i++) {
		struct result_page *page = &result->pages[i];

		if (page->walk.reason != PT_OK)
			continue;
		r = find_aliases_of_page(asker, page);
		for (size_t j = 0; r == 0 && j < page->nr_aliases; j++)
			result->has_writable_alias |=
				page->walk.verdict == PT_READ_ONLY &&
				page->aliases[j].verdict == PT_WRITABLE;
	}
	return r;
}

/* Notes the frames that find_aliases() will ask about, by tables as they were when they
 * were first read: what moves until then costs a sweep of its own.
 */
static int expect_frames(struct asker *asker, struct result *result)
{
	struct kernel *kernel = asker->kernel;
	uint64_t at = result->address, left = result->size_bytes;

	result->region = region_of(kernel, result->address);
	if (!result->is_named || is_no_kernel_address(kernel, result))
		return 0;
	for (size_t i = 0; left > 0 && i < MAX_PAGES_OF_TARGET; i++) {
		struct pt_walk walk;
		uint64_t nr;
		int r = 0;

		kernel_walk_cached(kernel, at, &walk);
		nr = walk.span - at % walk.span;
		if (nr > left)
			nr = left;
		if (walk.reason == PT_OK)
			r = aliases_expect(&asker->aliases, walk.pa, nr);
		else if (result->is_bound && i > 0 && walk.verdict == PT_UNMAPPED)
			break;
		if (r < 0)
			return r;
		at += nr;
		left -= nr;
	}
	return 0;
}

/* Fills in the result. The caller has set query, symbol, symbol_offset, address and
 * size_bytes.
 */
static int answer(struct asker *asker, struct result *result, struct error *err)
{
	struct kernel *kernel = asker->kernel;
	int r;

	result->region = region_of(kernel, result->address);
	if (is_no_kernel_address(kernel, result))
		return 0;
	r = walk_range(kernel, result, err);
	if (r < 0)
		return r;
	decide(result);
	explain(&kernel->pt.format, result);
	if (result->is_named && result->symbol_offset == 0 &&
	    is_end_label(result->symbol->name))
		snprintf(result->hint, sizeof(result->hint),
			 "the end label of a section: it names the first byte after it");
	else if (result->symbol && result->hint[0] == '\0')
		hint_letter(result);
	return result->is_named && asker->wants_aliases ? find_aliases(asker, result) : 0;
}

/* An address as linked (of System.map or vmlinux) means another place once KASLR has
 * moved the image by KERNELOFFSET bytes.
 */
static void hint_linked(struct kernel *kernel, struct result *result)
{
	uint64_t offset, start = kernel->labels[LABEL_TEXT],
			 end = kernel->labels[LABEL_END];
	uint64_t at = result->address;
	const struct symbol *symbol;

	if (!start || !kernel->has_symbols ||
	    vmcoreinfo_hex(&kernel->info, "KERNELOFFSET", &offset) < 0 || !offset ||
	    (at >= start && at < end) || at + offset < start || at + offset >= end)
		return;
	symbol = symbols_at(&kernel->symbols, at + offset);
	if (symbol)
		snprintf(result->hint, sizeof(result->hint),
			 "KASLR moved this kernel by 0x%" PRIx64
			 ": what was linked there, %.80s+0x%" PRIx64
			 ", is at 0x%016" PRIx64,
			 offset, symbol->name, at + offset - symbol->address,
			 at + offset);
}

static int answer_and_pass(struct asker *asker, struct result *result, result_fn each,
			   void *ctx, size_t i, size_t nr, struct error *err)
{
	int r;

	if (asker->is_expecting)
		return expect_frames(asker, result);
	r = answer(asker, result, err);
	if (r == 0)
		r = each(ctx, result, i, nr);
	for (size_t j = 0; j < result->nr_pages; j++)
		free(result->pages[j].aliases);
	free(result->pages);
	free(result->runs);
	return r;
}

/* Bytes from @symbol to the next symbol; kallsyms has no sizes, so this is an upper
 * bound. */
static uint64_t size_of(struct kernel *kernel, const struct symbol *symbol)
{
	uint64_t next;

	if (!symbols_next_address(&kernel->symbols, symbol->address, &next))
		return 1;
	/* The last symbol of the image, of a module, ...: what follows is another
	 * mapping. */
	if (next - symbol->address > pt_level_span(PT_PUD))
		return 1;
	return next - symbol->address;
}

static bool lists_data(struct kernel *kernel)
{
	return symbols_find(&kernel->symbols, "init_mm", "vmlinux", NULL) != NULL;
}

/* Does a symbol of a module of that name stand in the list? */
static bool is_module(struct kernel *kernel, const char *name)
{
	struct symbols *symbols = &kernel->symbols;
	const struct symbol *symbol;

	for (size_t i = symbols->own.nr; (symbol = symbols_nth(symbols, i)); i++)
		if (symbol->module && strcmp(symbol->module, name) == 0)
			return true;
	return false;
}

static void count_symbol(void *ctx, const struct symbol *symbol)
{
	size_t *nr = ctx;

	(void)symbol;
	(*nr)++;
}

/* "; 84 symbols begin with it: ...", or "" where none does, or the name is too short. */
static void tell_longer_names(struct kernel *kernel, const struct target *target,
			      char *text, size_t room)
{
	enum { LEAST = 3 };
	const char *name = target->name;
	char pattern[TARGET_NAME_BYTES + 1];
	size_t nr = 0;

	*text = '\0';
	if (strlen(name) < LEAST || target->module[0] || glob_is_pattern(name))
		return;
	snprintf(pattern, sizeof(pattern), "%s*", name);
	glob_each(&kernel->symbols, pattern, NULL, count_symbol, &nr);
	if (nr)
		snprintf(text, room,
			 "; %zu symbol%s with it: 'kwcheck --list=%.60s*' names %s", nr,
			 nr == 1 ? " begins" : "s begin", name, nr == 1 ? "it" : "them");
}

static int no_such_symbol(struct kernel *kernel, const struct target *target,
			  const char *word, struct error *err)
{
	const struct error *hidden = &kernel->symbols.text_error;
	struct nearest nearest = {.name = target->name};
	char list[NEAREST_GUESS_BYTES], longer[160];

	if (target_is_bare_hex(target->name))
		return target_refuse_bare_hex(word, ERROR_NO_SUCH_SYMBOL, -ENOENT, err);
	if (kofile_is_name(target->name))
		return error_set(err, ERROR_NO_SUCH_SYMBOL, -ENOENT,
				 "%.100s: no such symbol; of a module's file ask "
				 "'kwcheck preflight %.100s'",
				 word, word);
	if (is_module(kernel, target->name))
		return error_set(
			err, ERROR_NO_SUCH_SYMBOL, -ENOENT,
			"%.60s: no such symbol, but a loaded module: name one of "
			"its symbols, as '%.60s:*' does with all",
			word, target->name);
	if (!lists_data(kernel))
		return error_set(
			err, ERROR_NO_KALLSYMS_ALL, -ENOENT,
			"%.200s: no such function, and no exported object; this kernel "
			"lists functions only (CONFIG_KALLSYMS_ALL is off): give the "
			"address",
			word);
	symbols_nearest(&kernel->symbols, &nearest);
	nearest_guess(&nearest, list);
	tell_longer_names(kernel, target, longer, sizeof(longer));
	if (hidden->code != ERROR_NONE)
		return error_set(err, hidden->code, -ENOENT,
				 "%.100s: not one of the kernel's own symbols%s; of "
				 "modules' nothing is known: %.250s",
				 word, list, hidden->message);
	return error_set(err, ERROR_NO_SUCH_SYMBOL, -ENOENT, "%.100s: no such symbol%s%s",
			 word, list, longer);
}

/* All symbols that a target may mean. */
struct candidates {
	const struct symbol **array;
	size_t nr, room;
	const char *name;
	bool is_same_only; /* of the compiler's names only those of the thing itself */
	bool has_failed;   /* -ENOMEM */
};

static void add_candidate(void *ctx, const struct symbol *symbol)
{
	struct candidates *candidates = ctx;

	if (candidates->is_same_only &&
	    !clonename_is_same(symbol->name, candidates->name))
		return;
	if (array_reserve(&candidates->array, candidates->nr, &candidates->room,
			  sizeof(*candidates->array)) < 0)
		candidates->has_failed = true;
	else
		candidates->array[candidates->nr++] = symbol;
}

/* Was the kernel compiled by clang? Where that cannot be told it is taken to be. */
static bool may_be_clang(struct asker *asker)
{
	struct kernel *kernel = asker->kernel;
	char banner[512];
	uint64_t va;

	if (!asker->has_compiler)
		asker->is_clang = !symbols_address(&kernel->symbols, "linux_banner",
						   &va) ||
				  kernel_read_string(kernel, kernel_read, va, banner,
						     sizeof(banner)) < 0 ||
				  strstr(banner, "clang");
	asker->has_compiler = true;
	return asker->is_clang;
}

static bool is_pattern(const struct target *target)
{
	return glob_is_pattern(target->name) || glob_is_pattern(target->module);
}

/* Those that the target's pattern matches, or those of its name, and those whose names
 * the compiler made of it: with clang
 * another static of that name may be NAME.llvm.HASH. Where no symbol has the name itself
 * all parts and variants of it are meant.
 */
static int find_candidates(struct asker *asker, const struct target *target,
			   struct candidates *ret)
{
	struct symbols *symbols = &asker->kernel->symbols;
	const char *module = target->module[0] ? target->module : NULL;
	const struct symbol *symbol = NULL;

	ret->name = target->name;
	if (is_pattern(target)) {
		glob_each(symbols, target->name, module, add_candidate, ret);
		return ret->has_failed ? -ENOMEM : 0;
	}
	while ((symbol = symbols_find(symbols, target->name, module, symbol)))
		add_candidate(ret, symbol);
	ret->is_same_only = ret->nr > 0;
	if (ret->nr == 0 || may_be_clang(asker))
		clone_each(symbols, target->name, module, add_candidate, ret);
	return ret->has_failed ? -ENOMEM : 0;
}

static int answer_symbol(struct asker *asker, const struct target *target,
			 struct result *result, const struct symbol *symbol,
			 result_fn each, void *ctx, size_t i, size_t nr,
			 struct error *err)
{
	uint64_t size_bytes = size_of(asker->kernel, symbol);
	int r;

	result->symbol = symbol;
	result->is_named = true;
	result->symbol_offset = target->offset;
	result->address = symbol->address + target->offset;
	if (asker->has_cpu && kernel_is_per_cpu(asker->kernel, symbol->address)) {
		r = kernel_per_cpu(asker->kernel, result->address, asker->cpu,
				   &result->address);
		if (r < 0)
			return error_set(err, ERROR_NO_SUCH_CPU, r, "%.200s: CPU %u: %s",
					 result->query, asker->cpu,
					 r == -ERANGE
						 ? "no such CPU"
						 : "the per-CPU offsets are not known");
		result->is_cpu_copy = true;
		snprintf(result->hint, sizeof(result->hint),
			 "CPU %u's copy of a per-CPU symbol", asker->cpu);
	}
	if (strcmp(symbol->name, target->name) != 0 && !glob_is_pattern(target->name) &&
	    result->hint[0] == '\0')
		snprintf(result->hint, sizeof(result->hint),
			 "the compiler made %.100s of the name", symbol->name);
	result->is_bound = !target->has_offset;
	result->size_bytes = target->has_offset ? target->size_bytes : size_bytes;
	if (result->size_bytes - 1 > UINT64_MAX - result->address ||
	    (result->address < symbol->address && !result->is_cpu_copy))
		return error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
				 "%.200s: runs past the end of the address space",
				 result->query);
	if (target->has_offset && (target->offset >= size_bytes ||
				   target->size_bytes > size_bytes - target->offset))
		snprintf(result->hint, sizeof(result->hint),
			 "reaches beyond the symbol: the next one starts %" PRIu64
			 " bytes after it",
			 size_bytes);
	return answer_and_pass(asker, result, each, ctx, i, nr, err);
}

/* An object that kallsyms does not list, by the table of exported symbols, which tells no
 * size. -ENOENT: it is not exported.
 */
static int answer_exported(struct asker *asker, const struct target *target,
			   const char *word, result_fn each, void *ctx, struct error *err)
{
	struct result result = {.query = word};
	struct target byte = *target;
	const struct exported *export;
	struct symbol symbol;
	int r;

	if (*target->module && strcmp(target->module, "vmlinux") != 0)
		return -ENOENT;
	if (!asker->has_exports) {
		r = exports_read(&asker->exports, asker->kernel);
		if (r < 0)
			return r;
		asker->has_exports = true;
	}
	export = exports_find(&asker->exports, target->name);
	if (!export || export->module)
		return -ENOENT;
	symbol = (struct symbol){
		.address = export->address, .name = export->name, .type = 'D'};
	snprintf(
		result.hint, sizeof(result.hint),
		"kallsyms lists no data here (CONFIG_KALLSYMS_ALL is off); the address is "
		"from the table of exports%s",
		target->has_offset ? "" : ", which tells no size: its first byte");
	if (!byte.has_offset)
		byte.size_bytes = 1;
	byte.has_offset = true;
	return answer_symbol(asker, &byte, &result, &symbol, each, ctx, 0, 1, err);
}

static int each_candidate(struct asker *asker, const struct target *target,
			  const char *word, const struct candidates *candidates,
			  result_fn each, void *ctx, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < candidates->nr && r == 0; i++) {
		struct result result = {.query = word};

		r = answer_symbol(asker, target, &result, candidates->array[i], each, ctx,
				  i, candidates->nr, err);
	}
	return r;
}

/* One sweep is to find the aliases of all. One that has no answer says so later. */
static void expect_candidates(struct asker *asker, const struct target *target,
			      const struct candidates *candidates)
{
	struct error err = {0};

	asker->is_expecting = true;
	each_candidate(asker, target, target->name, candidates, NULL, NULL, &err);
	asker->is_expecting = false;
}

static int each_symbol(struct asker *asker, const struct target *target, const char *word,
		       result_fn each, void *ctx, struct error *err)
{
	struct kernel *kernel = asker->kernel;
	struct candidates candidates = {0};
	int r = 0;

	if (!kernel->has_symbols) {
		*err = kernel->symbols_error;
		return -ENOENT;
	}
	r = find_candidates(asker, target, &candidates);
	if (r == 0 && candidates.nr == 0 && is_pattern(target)) {
		r = error_set(err, ERROR_NO_SUCH_SYMBOL, -ENOENT,
			      "%.200s: no symbol matches", word);
	} else if (r == 0 && candidates.nr == 0) {
		r = lists_data(kernel)
			    ? -ENOENT
			    : answer_exported(asker, target, word, each, ctx, err);
		if (r == -ENOENT && !err->code && !asker->is_expecting)
			r = no_such_symbol(kernel, target, word, err);
	}
	if (r == 0 && candidates.nr > 1 && asker->wants_aliases && !asker->is_expecting)
		expect_candidates(asker, target, &candidates);
	if (r == 0)
		r = each_candidate(asker, target, word, &candidates, each, ctx, err);
	free(candidates.array);
	return r;
}

void result_expect(struct asker *asker, const char *word)
{
	struct error err = {0};

	asker->is_expecting = true;
	result_each(asker, word, NULL, NULL, &err);
	asker->is_expecting = false;
}

int result_each(struct asker *asker, const char *word, result_fn each, void *ctx,
		struct error *err)
{
	struct kernel *kernel = asker->kernel;
	struct result result = {.query = word};
	struct target target;
	int r;

	r = target_parse(word, &target, err);
	if (r < 0)
		return r;
	if (target.is_symbol)
		return each_symbol(asker, &target, word, each, ctx, err);
	result.address = target.address;
	result.size_bytes = target.size_bytes;
	hint_linked(kernel, &result);
	if (kernel->has_symbols && target.address >> 63) {
		const struct symbol *symbol = symbols_at(&kernel->symbols,
							 target.address);

		/* The address may lie behind the symbol's end. */
		if (symbol &&
		    target.address - symbol->address < size_of(kernel, symbol)) {
			result.symbol = symbol;
			result.symbol_offset = target.address - symbol->address;
		}
	}
	return answer_and_pass(asker, &result, each, ctx, 0, 1, err);
}

int result_exit_status(const struct result *result, enum expect expect)
{
	enum pt_verdict wanted = expect == EXPECT_RO ? PT_READ_ONLY : PT_WRITABLE;
	int status = EXIT_YES;

	if (result->nr_pages == 0)
		return EXIT_UNDECIDED;
	for (size_t i = 0; i < result->nr_pages; i++) {
		enum pt_verdict verdict = result->pages[i].walk.verdict;

		if (verdict == PT_UNKNOWN)
			status |= EXIT_UNDECIDED;
		else if (verdict != wanted)
			status |= EXIT_NO;
	}
	return status;
}
