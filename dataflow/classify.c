/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the addresses and calls of single instructions can lead to. */
#include "dataflow/classify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/interp.h"

bool finder_is_landmark(const struct flow *flow, uint64_t va)
{
	const struct kernel *kernel = flow->space->kernel;
	uint64_t root = kernel->swapper_pa - kernel->image_to_pa;

	return (flow->landmarks->ro_flag && va == flow->landmarks->ro_flag) ||
	       va - root < PAGE_BYTES ||
	       (flow->landmarks->init_mm_pgd &&
		flow->landmarks->init_mm_pgd - va < PAGE_BYTES);
}

enum finder_address finder_classify(const struct finder *finder, uint64_t va)
{
	struct flow *flow = finder->flow;

	if (!code_is_address(va))
		return FINDER_ADDRESS_PLAIN;
	switch (place_kind_at(flow->space->place, va)) {
	case PLACE_NONE:
		break;
	case PLACE_DATA:
	case PLACE_INIT_DATA:
	case PLACE_RO_AFTER_INIT:
		return FINDER_ADDRESS_VARIABLE;
	default:
		return FINDER_ADDRESS_CONSTANT;
	}
	return space_is_foreign_sealed(flow->space, va) || finder_is_landmark(flow, va)
		       ? FINDER_ADDRESS_SPECIAL
		       : FINDER_ADDRESS_PLAIN;
}

uint64_t finder_section_bit(const struct finder *finder, uint64_t va)
{
	return 1ULL << place_section_at(finder->flow->space->place, va) % 64;
}

static void look_at_name(struct finder_symbol *ret, const char *name)
{
	unsigned reg;

	ret->callee = callee_find(name);
	ret->is_allocator = callee_is_allocator(name);
	if (callee_is_return_thunk(name))
		ret->thunk = FINDER_RETURN_THUNK;
	else if (callee_is_indirect_thunk(name, &reg))
		ret->thunk = (uint8_t)reg;
	if (ret->callee && ret->callee->kind == CALLEE_NO_RETURN)
		ret->call = FINDER_NO_RETURN;
	else if (ret->callee && ret->callee->kind > CALLEE_NO_ARGUMENTS)
		ret->call = FINDER_SPECIAL;
}

const struct finder_symbol *finder_symbol(const struct finder *finder, uint32_t number)
{
	const struct file_symbol *of = &finder->flow->space->place->file->symbols[number];
	struct finder_symbol *symbol = &finder->symbols[number];

	if (symbol->call != FINDER_UNKNOWN)
		return symbol;
	*symbol = (struct finder_symbol){.call = FINDER_PLAIN, .thunk = FINDER_NO_THUNK};
	if (number && of->section == SHN_UNDEF)
		look_at_name(symbol, of->name);
	return symbol;
}

bool finder_is_special_call(const struct finder *finder, const struct insn *insn)
{
	const struct code_section *section;
	size_t i;

	if (insn->src == CODE_MEMORY)
		return insn->disp &&
		       (uint64_t)insn->disp == finder->flow->landmarks->pv_read_msr;
	if (insn->src != CODE_IMMEDIATE)
		return false;
	if (!insn->imm_symbol)
		return !code_find(finder->flow->code, (uint64_t)insn->imm, &section, &i);
	return finder_symbol(finder, insn->imm_symbol)->call == FINDER_SPECIAL;
}

/* Sections that hold the address of something special as they are built. What a constant
 * one has the address of may be a constant, which is not to be written either.
 */
static uint64_t find_hot_sections(const struct finder *finder)
{
	const struct place *place = finder->flow->space->place;
	uint64_t hot = 0;

	for (size_t i = 1; i < place->file->nr_sections; i++) {
		const struct file_section *section = &place->file->sections[i];
		enum finder_address least = FINDER_ADDRESS_SPECIAL;

		if (place->sections[i].kind == PLACE_NONE ||
		    place->sections[i].kind == PLACE_PER_CPU ||
		    code_is_metadata(section->name))
			continue;
		if (place_is_code(place->sections[i].kind))
			hot |= 1ULL << i % 64; /* not worth the look */
		if (!place_is_writable(place->sections[i].kind, PLACE_PHASE_INIT))
			least = FINDER_ADDRESS_VARIABLE;
		for (uint64_t at = 0; at + 8 <= section->size_bytes && section->data &&
				      !(hot & 1ULL << i % 64);
		     at += 8) {
			uint64_t n;

			memcpy(&n, place->sections[i].image + at, sizeof(n));
			if (finder_classify(finder, n) >= least)
				hot |= 1ULL << i % 64;
		}
	}
	return hot;
}

int finder_open(struct finder *ret, struct flow *flow)
{
	*ret = (struct finder){.flow = flow};
	ret->symbols = calloc(flow->space->place->file->nr_symbols,
			      sizeof(*ret->symbols));
	if (!ret->symbols)
		return -ENOMEM;
	ret->hot_sections = find_hot_sections(ret);
	return 0;
}

void finder_close(struct finder *finder)
{
	free(finder->symbols);
	memset(finder, 0, sizeof(*finder));
}
