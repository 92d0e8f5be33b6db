/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A placed module's instructions, decoded once, reduced to what the dataflow asks. */
#include "module/code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "module/decode.h"

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

const struct code_section *code_section_of(const struct code *code, uint64_t va)
{
	for (size_t i = 0; i < code->nr_sections; i++)
		if (va >= code->sections[i].va &&
		    va - code->sections[i].va < code->sections[i].size_bytes)
			return &code->sections[i];
	return NULL;
}

struct insn *code_after(const struct code *code, uint64_t va,
			const struct code_section **ret)
{
	const struct code_section *section = code_section_of(code, va);
	const struct code_index *index;
	uint64_t offset, below;
	size_t i;

	if (!section)
		return NULL;
	offset = va - section->va;
	index = &section->index[offset / CODE_INDEX_BYTES];
	below = (1ULL << offset % CODE_INDEX_BYTES) - 1;
	i = index->before + (size_t)__builtin_popcountll(index->starts & below);
	if (i == section->nr_insns)
		return NULL;
	*ret = section;
	return &section->insns[i];
}

struct insn *code_at(const struct code *code, uint64_t va,
		     const struct code_section **ret)
{
	const struct code_section *section = code_section_of(code, va);
	uint64_t offset = section ? va - section->va : 0;

	if (!section || !(section->index[offset / CODE_INDEX_BYTES].starts >>
				  offset % CODE_INDEX_BYTES &
			  1))
		return NULL;
	return code_after(code, va, ret);
}

const struct code_edge *code_edge_from(const struct code *code, uint64_t va)
{
	size_t low = 0, high = code->nr_edges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code->edges[middle].from < va)
			low = middle + 1;
		else
			high = middle;
	}
	return low < code->nr_edges && code->edges[low].from == va ? &code->edges[low]
								   : NULL;
}

static struct insn *mark(const struct code *code, uint64_t va, uint16_t flags)
{
	const struct code_section *section;
	struct insn *insn = code_at(code, va, &section);
	size_t i;

	if (!insn)
		return NULL;
	insn->flags |= flags;
	i = (size_t)(insn - section->insns);
	if (flags & (CODE_FUNCTION | CODE_PART | CODE_SITE))
		section->notable[i / 64] |= 1ULL << i % 64;
	return insn;
}

/* Functions by their symbols, and the targets of direct branches. */
static void mark_leaders(struct code *code)
{
	const struct file *file = code->place->file;

	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].type == STT_FUNC &&
		    file->symbols[i].section < file->nr_sections &&
		    file->symbols[i].section != SHN_UNDEF)
			mark(code, code->place->symbols[i],
			     strstr(file->symbols[i].name, ".cold")
				     ? CODE_LEADER | CODE_PART
				     : CODE_LEADER | CODE_FUNCTION);
	for (size_t i = 0; i < code->nr_sections; i++) {
		const struct code_section *section = &code->sections[i];

		for (size_t j = code_next_notable(section, 0, section->nr_insns);
		     j < section->nr_insns;
		     j = code_next_notable(section, j + 1, section->nr_insns)) {
			const struct insn *insn = &section->insns[j];
			uint16_t flags = CODE_LEADER;

			if (insn->src != CODE_IMMEDIATE ||
			    (insn->op != CODE_CALL && insn->op != CODE_JMP &&
			     insn->op != CODE_JCC))
				continue;
			if (insn->op == CODE_CALL)
				flags |= CODE_FUNCTION;
			if (!mark(code, (uint64_t)insn->imm, flags) &&
			    code_section_of(code, (uint64_t)insn->imm))
				code->nr_bad_targets++;
		}
	}
}

/* Code that data or other code holds the address of: functions put into operations
 * tables, cases of a jump table, fix-ups of __ex_table.
 */
static void mark_entered(struct code *code)
{
	const struct file *file = code->place->file;

	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct file_section *section = &file->sections[i];
		enum place_kind kind = code->place->sections[i].kind;

		if (kind == PLACE_NONE || place_is_code(kind) ||
		    code_is_metadata(section->name))
			continue;
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;
			uint64_t target;

			file_rela(section, j, &rela);
			if (place_target(code->place, &rela, &target))
				mark(code, target, CODE_LEADER | CODE_ENTERED);
		}
	}
}

/* include/asm-generic/bug.h: the flags are the last 16 bits of an entry; bit 0 is
 * BUGFLAG_WARNING. An entry's size varies; each begins with the trap's address.
 */
static void mark_warnings(struct code *code)
{
	const struct file *file = code->place->file;
	const struct file_section *table = file_section(file, "__bug_table");
	uint64_t start = 0, target, previous = 0;

	if (!table || !table->data)
		return;
	for (size_t i = 0; i <= table->nr_rela; i++) {
		uint64_t at = table->size_bytes;
		bool is_trap = false;

		if (i < table->nr_rela) {
			Elf64_Rela rela;

			file_rela(table, i, &rela);
			at = rela.r_offset;
			is_trap = place_target(code->place, &rela, &target) &&
				  code_section_of(code, target);
		}
		if (i < table->nr_rela && !is_trap)
			continue;
		if (previous && at <= table->size_bytes && at >= start + 4) {
			uint16_t flags;

			memcpy(&flags, table->data + at - 2, sizeof(flags));
			if (flags & 1)
				mark(code, previous, CODE_WARN);
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
	const struct file *file = code->place->file;
	const struct file_section *table = file_section(file, "__jump_table");
	size_t section = table ? (size_t)(table - file->sections) : 0;
	const unsigned char *image = code->place->sections[section].image;
	uint64_t va = code->place->sections[section].va;
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
		if (!mark(code, edge.from, CODE_SITE) ||
		    !mark(code, edge.to, CODE_LEADER))
			continue;
		code->edges[code->nr_edges++] = edge;
	}
	qsort(code->edges, code->nr_edges, sizeof(*code->edges), compare_edges);
	return 0;
}

int code_decode(struct code *ret, const struct place *place, struct forms *forms)
{
	struct code code = {.place = place};
	int r = 0;

	code.sections = calloc(place->file->nr_sections, sizeof(*code.sections));
	if (!code.sections)
		return -ENOMEM;
	for (size_t i = 1; r == 0 && i < place->file->nr_sections; i++) {
		struct code_section *section = &code.sections[code.nr_sections];
		enum place_kind kind = place->sections[i].kind;

		if (!place_is_code(kind) || !place->file->sections[i].data)
			continue;
		*section = (struct code_section){
			.section = i,
			.va = place->sections[i].va,
			.size_bytes = place->file->sections[i].size_bytes};
		code.nr_sections++;
		r = decode_section(forms, place, section, &code.nr_undecoded);
		code.nr_insns += section->nr_insns;
	}
	if (r == 0)
		r = read_jump_table(&code);
	if (r < 0) {
		code_close(&code);
		return r;
	}
	mark_leaders(&code);
	mark_entered(&code);
	mark_warnings(&code);
	*ret = code;
	return 0;
}

void code_close(struct code *code)
{
	for (size_t i = 0; i < code->nr_sections; i++) {
		free(code->sections[i].insns);
		free(code->sections[i].index);
		free(code->sections[i].notable);
	}
	free(code->sections);
	free(code->edges);
	memset(code, 0, sizeof(*code));
}
