/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions of a section, each from its form and its own bytes. */
#include "insn/expand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "insn/decode.h"

static int compare_fixups(const void *a, const void *b)
{
	const struct code_fixup *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void index_fixups(struct code_section *section)
{
	size_t at = 0;

	for (size_t i = 0; i <= section->size_bytes / SECTION_INDEX_BYTES; i++) {
		struct code_index *index = &section->index[i];

		index->fixups_before = (uint32_t)at;
		for (; at < section->nr_fixups &&
		       section->fixups[at].offset / SECTION_INDEX_BYTES == i;
		     at++)
			index->fixups |= 1ULL << section->fixups[at].offset %
							 SECTION_INDEX_BYTES;
	}
}

/* Of several relocations at one place the first counts. */
static void drop_doubles(struct code_section *section)
{
	size_t nr = 0;

	for (size_t i = 0; i < section->nr_fixups; i++)
		if (nr == 0 ||
		    section->fixups[i].offset != section->fixups[nr - 1].offset)
			section->fixups[nr++] = section->fixups[i];
	section->nr_fixups = nr;
}

int expand_fixups(struct code_section *section)
{
	const struct kofile_section *of = &section->mod->file->sections[section->section];
	bool is_sorted = true;

	section->fixups = calloc(of->nr_rela ? of->nr_rela : 1, sizeof(*section->fixups));
	if (!section->fixups)
		return -ENOMEM;
	for (size_t i = 0; i < of->nr_rela; i++) {
		struct code_fixup *fixup = &section->fixups[section->nr_fixups];
		Elf64_Rela rela;

		kofile_rela(of, i, &rela);
		if (rela.r_offset >= section->size_bytes)
			continue;
		fixup->offset = (uint32_t)rela.r_offset;
		fixup->symbol = (uint32_t)ELF64_R_SYM(rela.r_info);
		is_sorted &= section->nr_fixups == 0 || fixup[-1].offset < fixup->offset;
		section->nr_fixups++;
	}
	if (!is_sorted) {
		qsort(section->fixups, section->nr_fixups, sizeof(*section->fixups),
		      compare_fixups);
		drop_doubles(section);
	}
	index_fixups(section);
	return 0;
}

/* The symbol of the relocation at @offset, or 0. */
static uint32_t fixup_at(const struct code_section *section, uint64_t offset)
{
	const struct code_index *index = &section->index[offset / SECTION_INDEX_BYTES];
	unsigned i = offset % SECTION_INDEX_BYTES;

	if (!(index->fixups >> i & 1))
		return 0;
	return section->fixups[index->fixups_before + section_count(index->fixups, i)]
		.symbol;
}

/* A displacement whose address is outside its symbol's section is a biased base
 * (buf - 8 + 8 * i): no evidence of which object is meant.
 */
static bool is_stray(const struct modimage *mod, uint32_t symbol, uint64_t address)
{
	const struct kofile_symbol *of = &mod->file->symbols[symbol];
	uint64_t base;

	if (of->section == SHN_UNDEF)
		return address - mod->symbols[symbol] > 1024 * 1024;
	if (of->section >= mod->file->nr_sections)
		return false;
	base = mod->sections[of->section].va;
	return address - base >= mod->file->sections[of->section].size_bytes;
}

/* The symbol of the relocation at byte @at of the instruction, or 0. @value: what the
 * field holds, relocated.
 */
static uint32_t take_fixup(const struct code_section *section, struct insn *insn,
			   unsigned at, int64_t value, bool is_branch)
{
	const struct modimage *mod = section->mod;
	uint32_t symbol = fixup_at(section, insn->offset + at);

	if (symbol && !mod->is_resolved[symbol])
		insn->flags |= INSN_UNRESOLVED;
	else if (symbol && !is_branch && is_stray(mod, symbol, (uint64_t)value))
		insn->flags |= INSN_STRAY;
	return symbol;
}

static const unsigned char *bytes_of(const struct code_section *section, size_t i)
{
	return section->image + section->starts[i].offset;
}

/* The form of instruction @i. It is decoded into @scratch if it is not remembered. */
static const struct form *form_of(const struct code_section *section, size_t i,
				  struct form *scratch)
{
	uint32_t entry = section->starts[i].entry;
	const struct form *form = forms_get(section->forms, entry);
	struct form_key key;

	if (form)
		return form;
	decode_form(bytes_of(section, i), forms_length(entry), scratch, &key);
	return scratch;
}

static uint64_t next_va_of(const struct code_section *section, size_t i,
			   const struct form *form)
{
	return section->va + section->starts[i].offset + form->insn.bytes;
}

/* A displacement or immediate. @fixed: what the form has of it; @next_va: behind the
 * instruction. There is no branch that depends on the form: the CPU could not foresee it.
 */
static int64_t read_value(const struct form_value *value, int64_t fixed,
			  const unsigned char *bytes, uint64_t next_va)
{
	int64_t n;

	memcpy(&n, bytes + value->at, sizeof(n));
	n = (int64_t)((uint64_t)n << value->shift) >> value->shift;
	return fixed + (n & -(int64_t)value->is_told) +
	       (int64_t)(next_va & -(uint64_t)value->is_relative);
}

/* Reads registers and values from the bytes of an instruction. */
static void read_bytes(const struct form *form, const unsigned char *bytes,
		       uint64_t next_va, struct insn *ret)
{
	const struct insn *insn = &form->insn;
	unsigned flipped = bytes[form->rex_at] ^ form->rex_flip;
	unsigned rex = flipped >> form->rex_shift & form->rex_mask;
	unsigned r = rex << 1 & 8, x = rex << 2 & 8, b = rex << 3 & 8;
	unsigned modrm = bytes[form->modrm_at], sib = bytes[form->sib_at];
	unsigned reg = (modrm >> 3 & 7) | r, rm = (modrm & 7) | b;
	unsigned opcode = (bytes[form->opcode_at] & 7) | b;
	unsigned base = (bytes[form->base_at] & 7) | b;
	unsigned index = (sib >> 3 & 7) | x;
	bool has_index = form->sib_at && index != 4;
	/* As in enum form_role. */
	uint64_t told = reg | rm << 8 | opcode << 16 | base << 24;

	*ret = *insn;
	ret->dst = (uint8_t)(insn->dst | (told >> form->dst & 15));
	ret->src = (uint8_t)(insn->src | (told >> form->src & 15));
	ret->base = (uint8_t)(insn->base | (told >> form->base & 15));
	ret->index = (uint8_t)(has_index ? index : insn->index);
	ret->scale = (uint8_t)(has_index ? 1U << (sib >> 6) : insn->scale);
	ret->clobbers = (uint16_t)(insn->clobbers | (form->writes & 1U) << reg |
				   (form->writes >> 1 & 1U) << rm |
				   (form->writes >> 2 & 1U) << opcode);
	ret->disp = read_value(&form->disp, insn->disp, bytes, next_va);
	ret->imm = read_value(&form->imm, insn->imm, bytes, next_va);
}

void expand_read(const struct code_section *section, size_t i, struct insn *ret)
{
	struct form scratch;
	const struct form *form = form_of(section, i, &scratch);
	const unsigned char *bytes = bytes_of(section, i);
	uint64_t next_va = next_va_of(section, i, form);

	if (forms_note(section->starts[i].entry) == FORM_BRANCH) {
		*ret = form->insn;
		ret->imm = read_value(&form->imm, form->insn.imm, bytes, next_va);
	} else {
		read_bytes(form, bytes, next_va, ret);
	}
	ret->offset = section->starts[i].offset;
	ret->flags |= section->marks[i];
	if (form->disp.nr_bytes >= 4)
		ret->disp_symbol = take_fixup(section, ret, form->disp.at, ret->disp,
					      false);
	if (form->imm.nr_bytes >= 4)
		ret->imm_symbol = take_fixup(section, ret, form->imm.at, ret->imm,
					     form->imm.is_relative);
}

void expand_fill(const struct code_section *section, size_t i)
{
	expand_read(section, i, &section->insns[i]);
	section_set(section->filled, i);
}

const struct insn *expand_peek(const struct code_section *section, size_t i,
			       struct insn *scratch)
{
	if (section_has(section->filled, i))
		return &section->insns[i];
	expand_read(section, i, scratch);
	return scratch;
}

void expand_branch(const struct code_section *section, size_t i, struct code_branch *ret)
{
	struct form scratch;
	const struct form *form = form_of(section, i, &scratch);

	ret->op = form->insn.op;
	ret->target = (uint64_t)read_value(&form->imm, form->insn.imm,
					   bytes_of(section, i),
					   next_va_of(section, i, form));
}

enum insn_op expand_op(const struct code_section *section, size_t i)
{
	struct form scratch;

	return form_of(section, i, &scratch)->insn.op;
}

bool expand_is_relocated(const struct code_section *section, size_t i)
{
	struct form scratch;
	const struct form *form = form_of(section, i, &scratch);

	return fixup_at(section, section->starts[i].offset + form->imm.at);
}

/* Has instruction @i an address, or to do with rsp or a control register? */
static bool is_look(const struct code_section *section, size_t i)
{
	struct form scratch;
	const struct form *form = form_of(section, i, &scratch);
	const struct insn *insn = &form->insn;
	const unsigned char *bytes = bytes_of(section, i);
	uint64_t next_va = next_va_of(section, i, form);
	bool has_disp = insn_is_address(
		(uint64_t)read_value(&form->disp, insn->disp, bytes, next_va));
	bool has_imm = insn_is_address(
		(uint64_t)read_value(&form->imm, insn->imm, bytes, next_va));
	bool is_control = insn_is_control(insn->op);
	struct insn read;

	if (insn->op != INSN_LEA && (insn->op != INSN_MOV || form->src == FORM_NONE))
		return has_disp | has_imm | is_control;
	read_bytes(form, bytes, next_va, &read);
	return has_disp | (insn->op == INSN_LEA ? read.base == X86_RSP
						: has_imm | (read.src == X86_RSP));
}

static bool is_way(const struct code_section *section, size_t i)
{
	enum insn_op op = expand_op(section, i);

	return op >= INSN_CALL && op <= INSN_JCC;
}

/* Sets word @word of the bitmaps, for @nr instructions. */
static void fill_word(struct code_section *section, size_t word, size_t nr)
{
	const struct code_start *starts = &section->starts[64 * word];
	uint64_t looks = 0, branches = 0, ends = 0;

	for (size_t i = 0; i < nr; i++) {
		uint64_t is_look_or_branch = starts[i].entry >> (FORMS_NOTE_SHIFT + 1) &
					     1;
		uint64_t is_end_or_branch = starts[i].entry >> FORMS_NOTE_SHIFT & 1;

		looks |= (is_look_or_branch & ~is_end_or_branch) << i;
		branches |= (is_look_or_branch & is_end_or_branch) << i;
		ends |= is_end_or_branch << i;
	}
	section->branches[word] = branches;
	section->notable[word] = ends;
	for (; looks; looks &= looks - 1) {
		size_t i = 64 * word + (size_t)__builtin_ctzll(looks);
		uint64_t bit = looks & -looks;

		if (is_look(section, i))
			section->looks[word] |= bit;
		else if (!is_way(section, i))
			continue;
		section->notable[word] |= bit;
	}
}

void expand_bitmaps(struct code_section *section)
{
	for (size_t i = 0; i < section->nr_insns; i += 64)
		fill_word(section, i / 64,
			  section->nr_insns - i < 64 ? section->nr_insns - i : 64);
}
