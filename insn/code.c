/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All code of a module: where functions start, and where control comes from elsewhere. */
#include "insn/code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "insn/disassemble.h"
#include "insn/expand.h"
#include "kcore/array.h"
#include "module/relocate.h"

/* Tables whose relocations name code without making it reachable: objtool's and gcc's
 * lists. They are a third of all relocations.
 */
static const char *const metadata[] = {
	".orc_unwind",	      ".orc_unwind_ip",
	"__mcount_loc",	      ".return_sites",
	".retpoline_sites",   ".call_sites",
	".ibt_endbr_seal",    ".cfi_sites",
	".parainstructions",  "__patchable_function_entries",
	".smp_locks",	      ".altinstructions",
	"__bug_table",	      "__dyndbg",
	".static_call_sites", "__jump_table",
	"__ksymtab_strings",  ".modinfo",
	"__versions",
};

bool code_is_metadata(const char *section_name)
{
	for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++)
		if (strcmp(section_name, metadata[i]) == 0)
			return true;
	return false;
}

bool code_is_data(const struct modimage *mod, size_t section)
{
	enum modsection_kind kind = mod->sections[section].kind;

	return kind != MODSECTION_NONE && !modsection_is_code(kind) &&
	       !code_is_metadata(mod->file->sections[section].name);
}

const struct code_section *code_section_of(const struct code *code, uint64_t va)
{
	for (size_t i = 0; i < code->nr_sections; i++)
		if (va >= code->sections[i].va &&
		    va - code->sections[i].va < code->sections[i].size_bytes)
			return &code->sections[i];
	return NULL;
}

bool code_find(const struct code *code, uint64_t va, const struct code_section **section,
	       size_t *number)
{
	*section = code_section_of(code, va);
	return *section && section_find(*section, va - (*section)->va, number);
}

struct insn *code_at(const struct code *code, uint64_t va,
		     const struct code_section **ret)
{
	size_t i;

	return code_find(code, va, ret, &i) ? expand_insn(*ret, i) : NULL;
}

size_t code_first_edge(const struct code *code, uint64_t va)
{
	return array_below(code->edges, code->nr_edges, sizeof(*code->edges),
			   offsetof(struct code_edge, from), va);
}

const struct code_edge *code_edge_from(const struct code *code, uint64_t va)
{
	size_t i = code_first_edge(code, va);

	return i < code->nr_edges && code->edges[i].from == va ? &code->edges[i] : NULL;
}

/* Marks instruction @i, which has not been read yet. */
static void mark_insn(const struct code_section *section, size_t i, uint16_t flags)
{
	section->marks[i] |= flags;
	if (flags & (INSN_FUNCTION | INSN_PART | INSN_SITE))
		section_set(section->notable, i);
	if (flags & (INSN_FUNCTION | INSN_PART)) {
		section_set(section->functions, i);
		if (i > 0)
			section_set(section->notable, i - 1);
	}
}

/* Marks the instruction that starts at @va. false: none does. */
static bool mark(const struct code *code, uint64_t va, uint16_t flags)
{
	const struct code_section *section;
	size_t i;

	if (!code_find(code, va, &section, &i))
		return false;
	mark_insn(section, i, flags);
	return true;
}

static void mark_functions(struct code *code)
{
	const struct kofile *file = code->mod->file;

	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].type == STT_FUNC &&
		    file->symbols[i].section < file->nr_sections &&
		    file->symbols[i].section != SHN_UNDEF)
			mark(code, code->mod->symbols[i],
			     strstr(file->symbols[i].name, ".cold")
				     ? INSN_LEADER | INSN_PART
				     : INSN_LEADER | INSN_FUNCTION);
}

/* Marks where instruction @i goes, a call or a branch that may leave its function. */
static void mark_target(struct code *code, const struct code_section *section, size_t i,
			const struct code_branch *branch)
{
	const struct code_section *in;
	size_t target;

	if (!code_find(code, branch->target, &in, &target)) {
		code->nr_bad_targets += !!code_section_of(code, branch->target);
		/* What is there is not known. */
		if (!expand_is_relocated(section, i))
			section_set(section->looks, i);
	} else if (branch->op == INSN_CALL) {
		if (!(in->marks[target] & (INSN_FUNCTION | INSN_PART)))
			code->has_unnamed = true;
		mark_insn(in, target, INSN_LEADER | INSN_FUNCTION);
	} else {
		section_set(section->crossings, i);
		mark_insn(in, target, INSN_LEADER);
	}
}

/* Marks the targets of the direct branches of @section. */
static void mark_targets(struct code *code, const struct code_section *section)
{
	uint64_t start_va = section->va, end_va = section->va;
	size_t nr = section->nr_insns, next = 0; /* the function behind the present one */

	for (size_t i = section_next(section->branches, 0, nr); i < nr;
	     i = section_next(section->branches, i + 1, nr)) {
		struct code_branch branch;
		size_t target;

		while (next <= i) {
			start_va = end_va;
			next = section_next(section->functions, next + 1, nr);
			end_va = next < nr ? section->va + section->starts[next].offset
					   : section->va + section->size_bytes;
		}
		expand_branch(section, i, &branch);
		if (branch.op != INSN_CALL && branch.target >= start_va &&
		    branch.target < end_va &&
		    section_find(section, branch.target - section->va, &target))
			section->marks[target] |= INSN_LEADER;
		else
			mark_target(code, section, i, &branch);
	}
}

/* Marks code that data or other code holds the address of: functions in operations
 * tables, cases of a jump table, fix-ups of __ex_table.
 */
static void mark_entered(struct code *code)
{
	const struct kofile *file = code->mod->file;

	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];

		if (!code_is_data(code->mod, i))
			continue;
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;
			uint64_t target;

			kofile_rela(section, j, &rela);
			if (relocate_target(code->mod, &rela, &target))
				mark(code, target, INSN_LEADER | INSN_ENTERED);
		}
	}
}

/* Marks the traps that a WARN goes on behind. include/asm-generic/bug.h: an entry begins
 * with the trap's address and ends with 16 bits of flags, of which bit 0 is
 * BUGFLAG_WARNING. Its size differs from kernel to kernel.
 */
static void mark_warnings(struct code *code)
{
	const struct kofile *file = code->mod->file;
	const struct kofile_section *table = kofile_section(file, "__bug_table");
	uint64_t start = 0, target, previous = 0;

	if (!table || !table->data)
		return;
	for (size_t i = 0; i <= table->nr_rela; i++) {
		uint64_t at = table->size_bytes;
		bool is_trap = false;

		if (i < table->nr_rela) {
			Elf64_Rela rela;

			kofile_rela(table, i, &rela);
			at = rela.r_offset;
			is_trap = relocate_target(code->mod, &rela, &target) &&
				  code_section_of(code, target);
		}
		if (i < table->nr_rela && !is_trap)
			continue;
		if (previous && at <= table->size_bytes && at >= start + 4) {
			uint16_t flags;

			memcpy(&flags, table->data + at - 2, sizeof(flags));
			if (flags & 1)
				mark(code, previous, INSN_WARN);
		}
		start = at;
		previous = is_trap ? target : 0;
	}
}

static int compare_edges(const void *a, const void *b)
{
	const struct code_edge *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* struct jump_entry: { s32 code, s32 target, long key }, each relative to itself:
 * include/linux/jump_label.h.
 */
static int read_jump_table(struct code *code)
{
	enum { ENTRY_BYTES = 16 };
	const struct kofile *file = code->mod->file;
	const struct kofile_section *table = kofile_section(file, "__jump_table");
	size_t section = table ? (size_t)(table - file->sections) : 0;
	const unsigned char *image = code->mod->sections[section].image;
	uint64_t va = code->mod->sections[section].va;
	size_t nr = table && image ? table->size_bytes / ENTRY_BYTES : 0;

	code->edges = calloc(nr ? nr : 1, sizeof(*code->edges));
	if (!code->edges)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		int32_t from, to;
		struct code_edge edge;

		memcpy(&from, image + i * ENTRY_BYTES, sizeof(from));
		memcpy(&to, image + i * ENTRY_BYTES + 4, sizeof(to));
		edge.from = va + i * ENTRY_BYTES + (uint64_t)(int64_t)from;
		edge.to = va + i * ENTRY_BYTES + 4 + (uint64_t)(int64_t)to;
		if (!mark(code, edge.from, INSN_SITE) ||
		    !mark(code, edge.to, INSN_LEADER))
			continue;
		code->edges[code->nr_edges++] = edge;
	}
	qsort(code->edges, code->nr_edges, sizeof(*code->edges), compare_edges);
	return 0;
}

/* Takes memory for what is found out about the instructions later. */
static int make_room(struct code_section *section)
{
	enum { NR_BITMAPS = 7 };
	size_t nr = section->nr_insns, words = nr / 64 + 1;

	section->marks = calloc(nr + 1, sizeof(*section->marks));
	section->bitmaps = calloc(NR_BITMAPS * words, sizeof(*section->bitmaps));
	section->insns = malloc((nr + 1) * sizeof(*section->insns));
	if (!section->marks || !section->bitmaps || !section->insns)
		return -ENOMEM;
	section->functions = section->bitmaps;
	section->branches = section->functions + words;
	section->crossings = section->branches + words;
	section->looks = section->crossings + words;
	section->notable = section->looks + words;
	section->pruned = section->notable + words;
	section->filled = section->pruned + words;
	expand_bitmaps(section);
	if (nr)
		section_set(section->notable, nr - 1);
	return 0;
}

static int decode_section(struct code *code, size_t number, struct forms *forms)
{
	const struct modimage *mod = code->mod;
	struct code_section *section = &code->sections[code->nr_sections++];
	int r;

	*section = (struct code_section){
		.section = number,
		.va = mod->sections[number].va,
		.size_bytes = mod->file->sections[number].size_bytes,
		.image = mod->sections[number].image,
		.mod = mod,
		.forms = forms};
	r = disassemble_section(forms, section, &code->nr_undecoded);
	if (r == 0)
		r = expand_fixups(section);
	if (r == 0)
		r = make_room(section);
	code->nr_insns += section->nr_insns;
	return r;
}

int code_decode(struct code *ret, const struct modimage *mod, struct forms *forms)
{
	struct code code = {.mod = mod};
	int r = 0;

	code.sections = calloc(mod->file->nr_sections, sizeof(*code.sections));
	if (!code.sections)
		return -ENOMEM;
	for (size_t i = 1; r == 0 && i < mod->file->nr_sections; i++)
		if (modsection_is_code(mod->sections[i].kind) &&
		    mod->file->sections[i].data)
			r = decode_section(&code, i, forms);
	if (r == 0)
		r = read_jump_table(&code);
	if (r < 0) {
		code_close(&code);
		return r;
	}
	mark_functions(&code);
	for (size_t i = 0; i < code.nr_sections; i++)
		mark_targets(&code, &code.sections[i]);
	mark_entered(&code);
	mark_warnings(&code);
	*ret = code;
	return 0;
}

void code_close(struct code *code)
{
	for (size_t i = 0; i < code->nr_sections; i++) {
		struct code_section *section = &code->sections[i];

		free(section->starts);
		free(section->index);
		free(section->fixups);
		free(section->marks);
		free(section->bitmaps);
		free(section->insns);
	}
	free(code->sections);
	free(code->edges);
	memset(code, 0, sizeof(*code));
}
