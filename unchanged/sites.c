/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel may have patched its own text. */
#include "unchanged/sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "audit/patched.h"
#include "kcore/array.h"
#include "unchanged/statickey.h"

/* Lengths that the instruction in the image tells. */
enum length { LENGTH_BRANCH = 0x100, LENGTH_JUMP_LABEL };

/* Tables of 32-bit offsets, each relative to itself, of what is patched. */
static const struct {
	const char *section;
	bool is_prefix;	 /* of the section's name */
	unsigned length; /* bytes, or enum length */
	enum site_kind kind;
	unsigned entry_bytes;
} tables[] = {
	{".retpoline_sites", false, LENGTH_BRANCH, SITE_INDIRECT, 4},
	{".return_sites", false, 5, SITE_RETURN, 4},
	{".ibt_endbr_seal", false, 4, SITE_SEAL, 4},
	{".smp_locks", false, 1, SITE_LOCK, 4},
	{".call_sites", false, 5, SITE_CALL, 4},
	/* These two are sections of modules alone. */
	{"__jump_table", false, LENGTH_JUMP_LABEL, SITE_TARGET, 16},
	{".static_call_sites", false, LENGTH_BRANCH, SITE_KEY, 8},
	/* include/asm-generic/runtime-const.h, since 6.11: immediates. */
	{"runtime_ptr_", true, 8, SITE_CONSTANT, 4},
	{"runtime_shift_", true, 1, SITE_CONSTANT, 4},
	{"runtime_mask_", true, 4, SITE_CONSTANT, 4},
};

/* Tables that lie in a section with others, by their symbols, of entries that begin with
 * such an offset.
 */
static const struct {
	const char *start, *stop;
	unsigned entry_bytes;
	unsigned length;
	enum site_kind kind;
} ranges[] = {
	{"__start___jump_table", "__stop___jump_table", 16, LENGTH_JUMP_LABEL,
	 SITE_TARGET},
	{"__start_static_call_sites", "__stop_static_call_sites", 8, LENGTH_BRANCH,
	 SITE_KEY},
};

/* Calls in ftrace's own code that lead to whom it serves. */
static const char *const calls[] = {"ftrace_call", "ftrace_regs_call",
				    "ftrace_graph_call"};

static const char mcount_start[] = "__start_mcount_loc",
		  mcount_stop[] = "__stop_mcount_loc",
		  trampolines_start[] = "__static_call_text_start",
		  trampolines_stop[] = "__static_call_text_end",
		  hypercalls[] = "hypercall_page", xen_type[] = "xen_domain_type";
enum { HYPERCALL_BYTES = 4096, BRANCH_BYTES = 5 };

void sites_want(struct audit *audit)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		audit_want(audit, ranges[i].start);
		audit_want(audit, ranges[i].stop);
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		audit_want(audit, calls[i]);
	audit_want(audit, mcount_start);
	audit_want(audit, mcount_stop);
	audit_want(audit, trampolines_start);
	audit_want(audit, trampolines_stop);
	audit_want(audit, hypercalls);
	audit_want(audit, xen_type);
}

void sites_mark(struct sites *sites, uint64_t va, uint64_t nr_bytes)
{
	uint64_t at = va - sites->va;

	/* Tables have places in init text, too. */
	if (at >= sites->size_bytes)
		return;
	if (nr_bytes > sites->size_bytes - at)
		nr_bytes = sites->size_bytes - at;
	/* 2: more than one site is there. */
	for (uint64_t i = at; i < at + nr_bytes; i++)
		sites->may[i] = (sites->may[i] ? 2 : 1) | (sites->may[i] & SITES_OTHERS) |
				sites->others;
	sites->nr++;
}

bool sites_says_more(const struct site *site)
{
	return site->kind == SITE_TARGET || site->kind == SITE_CONSTANT ||
	       (site->kind == SITE_KEY && site->key == site->va);
}

/* Are the bytes those that were built, and is that all that there is to know? */
static bool is_as_built(const struct sites *sites, const struct site *site)
{
	uint64_t at = site->va - sites->va;
	const unsigned char *built;

	if (!sites->now || sites_says_more(site) ||
	    site->nr_bytes > sites->size_bytes - at)
		return false;
	built = image_at(sites->image, site->va, site->nr_bytes);
	return built && memcmp(sites->now + at, built, site->nr_bytes) == 0;
}

/* A site of a kind that is judged. */
static void add_site(struct sites *sites, struct site site)
{
	uint64_t at = site.va - sites->va;
	bool is_general = site.kind == SITE_CALL || site.kind == SITE_RETURN;

	/* Some calls are ftrace's, and some returns are trampolines'. */
	if (at >= sites->size_bytes || (is_general && sites->may[at] & SITES_OTHERS))
		return;
	sites_mark(sites, site.va, site.nr_bytes);
	if (is_as_built(sites, &site))
		return;
	if (array_reserve(&sites->array, sites->nr_judged, &sites->room,
			  sizeof(*sites->array)) < 0)
		sites->failed = -ENOMEM;
	else
		sites->array[sites->nr_judged++] = site;
}

/* A branch has five bytes, six with a prefix or a condition; a switch that is a short
 * jump or its nop has two.
 */
static unsigned length_at(const struct image *image, uint64_t va, unsigned length)
{
	const unsigned char *code = image_at(image, va, 2);

	if (!code || length < LENGTH_BRANCH)
		return length < LENGTH_BRANCH ? length : 0;
	if (length == LENGTH_JUMP_LABEL)
		return code[0] == 0xeb || (code[0] == 0x66 && code[1] == 0x90) ? 2 : 5;
	return code[0] == 0xe8 || code[0] == 0xe9 ? 5 : 6;
}

/* A table at @va, of entries that begin with an offset. @like: length and kind. */
static void mark_offsets(struct sites *sites, const struct image *image, uint64_t va,
			 uint64_t size_bytes, unsigned entry_bytes,
			 const struct site *like)
{
	const unsigned char *bytes = image_at(image, va, size_bytes);

	for (uint64_t at = 0; bytes && at + entry_bytes <= size_bytes;
	     at += entry_bytes) {
		struct site site = *like;
		int32_t offset;
		int64_t key;

		memcpy(&offset, bytes + at, sizeof(offset));
		site.va = va + at + (uint64_t)(int64_t)offset;
		site.nr_bytes = length_at(image, site.va, like->nr_bytes);
		/* struct static_call_site: addr, key. struct jump_entry: code, target,
		 * and a key of 64 bits.
		 */
		if (entry_bytes > 4)
			memcpy(&offset, bytes + at + 4, sizeof(offset));
		if (like->kind == SITE_KEY)
			site.key = va + at + 4 + (uint64_t)(int64_t)offset;
		if (like->kind == SITE_TARGET) {
			memcpy(&key, bytes + at + 8, sizeof(key));
			site.leads = va + at + 4 + (uint64_t)(int64_t)offset;
			site.key = va + at + 8 + (uint64_t)key;
		}
		add_site(sites, site);
	}
}

static void mark_tables(struct sites *sites, struct audit *audit,
			const struct image *image)
{
	for (size_t i = 0; i < image->nr_sections; i++)
		for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
			const struct image_section *section = &image->sections[i];
			const char *name = tables[t].section;
			size_t nr = strlen(name);
			struct site like = {.kind = tables[t].kind,
					    .nr_bytes = tables[t].length};

			if (tables[t].is_prefix ? strncmp(section->name, name, nr) != 0
						: strcmp(section->name, name) != 0)
				continue;
			/* The section tells which, where the variable has no name. */
			like.key = section->va;
			if (tables[t].is_prefix)
				symbols_address(&audit->kernel->symbols,
						section->name + nr, &like.leads);
			mark_offsets(sites, image, section->va, section->size_bytes,
				     tables[t].entry_bytes, &like);
		}
}

static void note_alternative(struct sites *sites, uint64_t va, const unsigned char *entry,
			     unsigned length_at)
{
	int32_t site, replacement;

	memcpy(&site, entry, sizeof(site));
	memcpy(&replacement, entry + 4, sizeof(replacement));
	if (array_reserve(&sites->alternatives, sites->nr_alternatives,
			  &sites->alternatives_room, sizeof(*sites->alternatives)) < 0) {
		sites->failed = -ENOMEM;
		return;
	}
	sites->alternatives[sites->nr_alternatives++] = (struct site_alternative){
		.va = va + (uint64_t)(int64_t)site,
		.replacement = va + 4 + (uint64_t)(int64_t)replacement,
		.nr_bytes = entry[length_at],
		.nr_replacement = entry[length_at + 1],
	};
}

/* struct alt_instr: two offsets, CPU bits of two or four bytes, the lengths of what is
 * replaced and of what replaces it, and up to 6.2 that of the padding. How it is laid out
 * follows from where the replacements lie.
 */
static int mark_alternatives(struct sites *sites, const struct image *image)
{
	static const struct {
		unsigned entry_bytes, length_at;
	} layouts[] = {{14, 12}, {12, 10}, {13, 10}};
	const struct image_section *table = image_find(image, ".altinstructions"),
				   *code = image_find(image, ".altinstr_replacement");
	const unsigned char *bytes = table ? image_at(image, table->va, table->size_bytes)
					   : NULL;

	if (!bytes || !code)
		return table ? -ENOTSUP : 0;
	for (size_t l = 0; l < sizeof(layouts) / sizeof(layouts[0]); l++) {
		unsigned entry = layouts[l].entry_bytes;
		bool is_it = table->size_bytes % entry == 0;
		int32_t offset;

		for (uint64_t at = 0; is_it && at < table->size_bytes; at += entry) {
			memcpy(&offset, bytes + at + 4, sizeof(offset));
			is_it = table->va + at + 4 + (uint64_t)(int64_t)offset -
					code->va <=
				code->size_bytes;
		}
		for (uint64_t at = 0; is_it && at < table->size_bytes; at += entry) {
			memcpy(&offset, bytes + at, sizeof(offset));
			note_alternative(sites, table->va + at, bytes + at,
					 layouts[l].length_at);
			sites_mark(sites, table->va + at + (uint64_t)(int64_t)offset,
				   bytes[at + layouts[l].length_at]);
		}
		if (is_it)
			return 0;
	}
	return -ENOTSUP;
}

/* struct paravirt_patch_site, up to 6.7: the address, a type, the length; the last entry
 * has no padding.
 */
static void mark_paravirt(struct sites *sites, const struct image *image)
{
	enum { ENTRY_BYTES = 16, TYPE_AT = 8, LENGTH_AT = 9, POINTER_BYTES = 8 };
	const struct image_section *table = image_find(image, ".parainstructions");
	const unsigned char *bytes = table ? image_at(image, table->va, table->size_bytes)
					   : NULL;

	for (uint64_t at = 0; bytes && at + LENGTH_AT < table->size_bytes;
	     at += ENTRY_BYTES) {
		struct site site = {
			.leads = (uint64_t)bytes[at + TYPE_AT] * POINTER_BYTES,
			.kind = SITE_OPERATION,
			.nr_bytes = bytes[at + LENGTH_AT],
		};

		memcpy(&site.va, bytes + at, sizeof(site.va));
		add_site(sites, site);
	}
}

/* Where functions call ftrace: addresses, from @va on. */
static void mark_calls(struct sites *sites, const struct image *image, uint64_t va,
		       uint64_t size_bytes)
{
	const unsigned char *bytes = image_at(image, va, size_bytes);
	struct site site = {.kind = SITE_FTRACE, .nr_bytes = BRANCH_BYTES};

	for (uint64_t at = 0; bytes && at + sizeof(site.va) <= size_bytes;
	     at += sizeof(site.va)) {
		memcpy(&site.va, bytes + at, sizeof(site.va));
		add_site(sites, site);
	}
}

static void mark_ftrace(struct sites *sites, struct audit *audit,
			const struct image *image)
{
	struct site site = {.kind = SITE_TRACER, .nr_bytes = BRANCH_BYTES};
	uint64_t start, stop;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (audit_symbol(audit, calls[i], &site.va))
			add_site(sites, site);
	if (audit_symbol(audit, mcount_start, &start) &&
	    audit_symbol(audit, mcount_stop, &stop) && stop >= start)
		mark_calls(sites, image, start, stop - start);
}

/* Trampolines of static calls, by their names. */
static void mark_trampolines(struct sites *sites, struct audit *audit, uint64_t start,
			     uint64_t stop)
{
	struct symbols *symbols = &audit->kernel->symbols;
	uint64_t va = start - 1;

	while (symbols_next_address(symbols, va, &va) && va < stop) {
		struct site site = {.va = va, .kind = SITE_KEY, .nr_bytes = BRANCH_BYTES};

		if (!statickey_is_trampoline(symbols, va))
			continue;
		/* siteforms.c finds the key by its name. */
		site.key = va;
		add_site(sites, site);
	}
}

/* A module's calls of ftrace, and its static calls' trampolines. */
static void mark_module(struct sites *sites, struct audit *audit,
			const struct image *image)
{
	const struct image_section *entries = image_find(image, "__mcount_loc"),
				   *code = image_find(image, ".static_call.text");

	if (entries)
		mark_calls(sites, image, entries->va, entries->size_bytes);
	if (code)
		mark_trampolines(sites, audit, code->va, code->va + code->size_bytes);
}

struct dispatchers {
	struct sites *sites;
	const struct image *image;
};

static void mark_dispatcher(void *ctx, const struct symbol *symbol)
{
	const struct dispatchers *pass = ctx;
	uint64_t at = symbol->address - pass->sites->va;
	const unsigned char *code = image_at(pass->image, symbol->address, PATCHED_BYTES);

	if (at < pass->sites->size_bytes && !pass->sites->may[at] && code &&
	    patched_decode(code, symbol->address).kind == PATCHED_NOP)
		add_site(pass->sites, (struct site){.va = symbol->address,
						    .kind = SITE_FTRACE,
						    .nr_bytes = BRANCH_BYTES});
}

/* Without Xen nothing fills its page of calls. */
static bool is_xen(const struct audit *audit)
{
	uint32_t type;
	uint64_t va;

	return audit_symbol(audit, xen_type, &va) &&
	       mappings_read(&audit->mappings, va, &type, sizeof(type)) == 0 && type != 0;
}

static void mark_others(struct sites *sites, struct audit *audit,
			const struct image *image)
{
	struct dispatchers dispatchers = {.sites = sites, .image = image};
	uint64_t start, stop;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct site like = {.kind = ranges[i].kind,
					  .nr_bytes = ranges[i].length};

		if (audit_symbol(audit, ranges[i].start, &start) &&
		    audit_symbol(audit, ranges[i].stop, &stop) && stop > start)
			mark_offsets(sites, image, start, stop - start,
				     ranges[i].entry_bytes, &like);
	}
	if (audit_symbol(audit, trampolines_start, &start) &&
	    audit_symbol(audit, trampolines_stop, &stop) && stop > start)
		mark_trampolines(sites, audit, start, stop);
	if (audit_symbol(audit, hypercalls, &start) && is_xen(audit))
		sites_mark(sites, start, HYPERCALL_BYTES);
	/* kernel/bpf/dispatcher.c, 5.5 to 6.1: the entry leads to what was made. */
	symbols_each(&audit->kernel->symbols, "bpf_dispatcher_", mark_dispatcher,
		     &dispatchers);
}

/* By their places; those of one in the order of the table. */
static int compare_alternatives(const void *a, const void *b)
{
	const struct site_alternative *x = a, *y = b;
	int r = array_compare(&x->va, &y->va);

	return r ?: array_compare(&x->replacement, &y->replacement);
}

int sites_take(struct sites *ret, struct audit *audit, const struct image *image,
	       uint64_t va, uint64_t size_bytes, const unsigned char *now,
	       const char **why)
{
	struct sites sites = {
		.va = va,
		.size_bytes = size_bytes,
		.image = image,
		.now = now,
		.is_kernel = va == audit->kernel->labels[LABEL_TEXT],
	};

	if (image_find(image, ".cfi_sites")) {
		*why = "this kernel was built with kCFI, whose rewriting at boot is not "
		       "known here";
		return -ENOTSUP;
	}
	sites.may = calloc(1, size_bytes);
	if (!sites.may)
		return -ENOMEM;
	if (mark_alternatives(&sites, image) < 0) {
		sites_free(&sites);
		*why = "its table of alternatives has a form that is not known here";
		return -ENOTSUP;
	}
	sites.others = SITES_OTHERS;
	if (sites.is_kernel) {
		mark_ftrace(&sites, audit, image);
		mark_others(&sites, audit, image);
	} else {
		mark_module(&sites, audit, image);
	}
	mark_tables(&sites, audit, image);
	mark_paravirt(&sites, image);
	if (sites.failed) {
		sites_free(&sites);
		return -ENOMEM;
	}
	if (sites.nr_alternatives)
		qsort(sites.alternatives, sites.nr_alternatives,
		      sizeof(*sites.alternatives), compare_alternatives);
	*ret = sites;
	return 0;
}

uint64_t sites_branch(const struct sites *sites, const struct site *site,
		      const unsigned char *now)
{
	uint64_t at = site->va - sites->va;
	struct patched code;

	if (at + PATCHED_BYTES > sites->size_bytes || (sites->may[at] & SITES_COUNT) != 1)
		return 0;
	code = patched_decode(now + at, site->va);
	return code.kind == PATCHED_CALL || code.kind == PATCHED_JUMP ? code.target : 0;
}

void sites_free(struct sites *sites)
{
	free(sites->may);
	free(sites->array);
	free(sites->alternatives);
	*sites = (struct sites){0};
}
