/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the addresses and calls of single instructions can lead to. */
#include "dataflow/classify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/callee.h"

bool classify_is_landmark(const struct input *input, uint64_t va)
{
	const struct kernel *kernel = input->space->kernel;
	uint64_t root = kernel->swapper_pa - kernel->image_to_pa;

	return (input->landmarks->ro_flag && va == input->landmarks->ro_flag) ||
	       va - root < PAGE_BYTES ||
	       (input->landmarks->init_mm_pgd &&
		input->landmarks->init_mm_pgd - va < PAGE_BYTES);
}

enum classify_address classify_address(const struct classifier *classifier, uint64_t va)
{
	const struct input *input = classifier->input;

	if (!insn_is_address(va))
		return CLASSIFY_ADDRESS_PLAIN;
	switch (modimage_kind_at(input->mod, va)) {
	case MODSECTION_NONE:
		break;
	case MODSECTION_DATA:
	case MODSECTION_INIT_DATA:
	case MODSECTION_RO_AFTER_INIT:
		return CLASSIFY_ADDRESS_VARIABLE;
	default:
		return CLASSIFY_ADDRESS_CONSTANT;
	}
	return addrspace_is_foreign_sealed(input->space, va) ||
			       classify_is_landmark(input, va)
		       ? CLASSIFY_ADDRESS_SPECIAL
		       : CLASSIFY_ADDRESS_PLAIN;
}

uint64_t classify_section_bit(const struct classifier *classifier, uint64_t va)
{
	return 1ULL << modimage_section_at(classifier->input->mod, va) % 64;
}

static void look_at_name(struct classify_symbol *ret, const char *name)
{
	unsigned reg;

	ret->callee = callee_find(name);
	ret->is_allocator = callee_is_allocator(name);
	if (callee_is_return_thunk(name))
		ret->thunk = CLASSIFY_RETURN_THUNK;
	else if (callee_is_indirect_thunk(name, &reg))
		ret->thunk = (uint8_t)reg;
	if (ret->callee && ret->callee->kind == CALLEE_NO_RETURN)
		ret->call = CLASSIFY_NO_RETURN;
	else if (ret->callee && ret->callee->kind > CALLEE_NO_ARGUMENTS)
		ret->call = CLASSIFY_SPECIAL;
}

const struct classify_symbol *classify_symbol(const struct classifier *classifier,
					      uint32_t number)
{
	const struct kofile_symbol *of = &classifier->input->mod->file->symbols[number];
	struct classify_symbol *symbol = &classifier->symbols[number];

	if (symbol->call != CLASSIFY_UNKNOWN)
		return symbol;
	*symbol = (struct classify_symbol){.call = CLASSIFY_PLAIN,
					   .thunk = CLASSIFY_NO_THUNK};
	if (number && of->section == SHN_UNDEF)
		look_at_name(symbol, of->name);
	return symbol;
}

bool classify_is_special_call(const struct classifier *classifier,
			      const struct insn *insn)
{
	const struct landmarks *landmarks = classifier->input->landmarks;
	uint64_t va = (uint64_t)insn->disp;
	const struct code_section *section;
	size_t i;

	if (insn->src == INSN_MEMORY)
		return va &&
		       (va == landmarks->pv_read_msr || va == landmarks->pv_read_cr0 ||
			va == landmarks->pv_write_cr0);
	if (insn->src != INSN_IMMEDIATE)
		return false;
	if (!insn->imm_symbol)
		return !code_find(classifier->input->code, (uint64_t)insn->imm, &section,
				  &i);
	return classify_symbol(classifier, insn->imm_symbol)->call == CLASSIFY_SPECIAL;
}

/* The sections that are built with the address of something special in them. In a
 * constant section any address counts: it may be that of a constant, which must not be
 * written either.
 */
static uint64_t find_special_sections(const struct classifier *classifier)
{
	const struct modimage *mod = classifier->input->mod;
	uint64_t special = 0;

	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		const struct kofile_section *section = &mod->file->sections[i];
		enum classify_address least = CLASSIFY_ADDRESS_SPECIAL;

		if (mod->sections[i].kind == MODSECTION_NONE ||
		    mod->sections[i].kind == MODSECTION_PER_CPU ||
		    code_is_metadata(section->name))
			continue;
		if (modsection_is_code(mod->sections[i].kind))
			special |= 1ULL << i % 64; /* not worth the look */
		if (!modsection_is_writable(mod->sections[i].kind, MODULE_PHASE_INIT))
			least = CLASSIFY_ADDRESS_VARIABLE;
		for (uint64_t at = 0; at + 8 <= section->size_bytes && section->data &&
				      !(special & 1ULL << i % 64);
		     at += 8) {
			uint64_t n;

			memcpy(&n, mod->sections[i].image + at, sizeof(n));
			if (classify_address(classifier, n) >= least)
				special |= 1ULL << i % 64;
		}
	}
	return special;
}

int classify_open(struct classifier *ret, const struct input *input)
{
	*ret = (struct classifier){.input = input};
	ret->symbols = calloc(input->mod->file->nr_symbols, sizeof(*ret->symbols));
	if (!ret->symbols)
		return -ENOMEM;
	ret->special_sections = find_special_sections(ret);
	return 0;
}

void classify_close(struct classifier *classifier)
{
	free(classifier->symbols);
	memset(classifier, 0, sizeof(*classifier));
}
