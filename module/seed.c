/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions could do anything worth following. */
#include "module/seed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "module/frame.h"

/* From one range into another: whatever is reached there is reached here. */
struct passage {
	size_t from, to;
};

struct finder {
	struct flow *flow;
	struct seeds seeds;
	struct passage *passages;
	size_t nr_passages, room;
	uint8_t *callees; /* by symbol: enum callee_class */
};

/* What a call of a symbol is, remembered: names are compared once. */
enum callee_class { CLASS_UNKNOWN = 0, CLASS_PLAIN, CLASS_SPECIAL };

/* An address that instructions have: what it can lead to. */
enum address_class {
	ADDRESS_PLAIN = 0,
	ADDRESS_VARIABLE, /* of the module's own, writable at some time */
	ADDRESS_CONSTANT, /* of the module's own, sealed */
	ADDRESS_SPECIAL,  /* sealed, and another's; page tables; the switch of sealing */
};

static bool is_landmark(const struct flow *flow, uint64_t va)
{
	const struct kernel *kernel = flow->space->kernel;
	uint64_t root = kernel->swapper_pa - kernel->image_to_pa;

	return (flow->ro_flag && va == flow->ro_flag) || va - root < PAGE_BYTES ||
	       (flow->init_mm_pgd && flow->init_mm_pgd - va < PAGE_BYTES);
}

static enum address_class classify(const struct finder *finder, uint64_t va)
{
	struct flow *flow = finder->flow;

	if (!(va >> 63) || va >= (uint64_t)-4096)
		return ADDRESS_PLAIN;
	switch (place_kind_at(flow->space->place, va)) {
	case PLACE_NONE:
		break;
	case PLACE_DATA:
	case PLACE_INIT_DATA:
	case PLACE_RO_AFTER_INIT:
		return ADDRESS_VARIABLE;
	default:
		return ADDRESS_CONSTANT;
	}
	return space_is_foreign_sealed(flow->space, va) || is_landmark(flow, va)
		       ? ADDRESS_SPECIAL
		       : ADDRESS_PLAIN;
}

static uint64_t section_bit(const struct finder *finder, uint64_t va)
{
	return 1ULL << place_section_at(finder->flow->space->place, va) % 64;
}

static const struct callee *callee_of(const struct finder *finder,
				      const struct insn *insn, const char **name)
{
	const struct file *file = finder->flow->space->place->file;
	const struct file_symbol *symbol = &file->symbols[insn->imm_symbol];

	*name = symbol->name;
	return symbol->section == SHN_UNDEF ? callee_find(symbol->name) : NULL;
}

/* A call of a function that does more than its arguments' business. */
static bool is_special_call(const struct finder *finder, const struct insn *insn)
{
	uint8_t *class = &finder->callees[insn->imm_symbol];
	const struct code_section *section;
	const struct callee *callee;
	const char *name;

	if (insn->src != CODE_IMMEDIATE)
		return false;
	if (!insn->imm_symbol)
		return !code_at(finder->flow->code, (uint64_t)insn->imm, &section);
	if (*class == CLASS_UNKNOWN) {
		callee = callee_of(finder, insn, &name);
		*class = callee && callee->kind > CALLEE_NO_ARGUMENTS ? CLASS_SPECIAL
								      : CLASS_PLAIN;
	}
	return *class == CLASS_SPECIAL;
}

/* Is a constant in @reg of no consequence for this call or jump? 1: yes, and the register
 * has another value behind it; 0: it stays; -1: no.
 */
static int passes_constant(const struct finder *finder, const struct insn *insn,
			   unsigned reg)
{
	static const int8_t arguments[CODE_NR_REGISTERS] = {
		[CODE_RDI] = 1, [CODE_RSI] = 2, [CODE_RDX] = 3,
		[CODE_RCX] = 4, [8] = 5,	[9] = 6};
	bool is_clobbered = arguments[reg] || reg == CODE_RAX || reg == 10 || reg == 11;
	const struct callee *callee = NULL;
	const char *name = NULL;
	unsigned thunk;

	if (insn->src == CODE_IMMEDIATE && insn->imm_symbol)
		callee = callee_of(finder, insn, &name);
	if (insn->src != CODE_IMMEDIATE ||
	    (name && callee_is_indirect_thunk(name, &thunk)))
		/* What is called may be one that looks names up. */
		return reg == CODE_RDI || insn->src == reg ? -1 : is_clobbered;
	if (callee && callee->kind == CALLEE_NO_RETURN)
		return 1;
	if (callee && callee->kind == CALLEE_NO_ARGUMENTS)
		return 0;
	if (callee && arguments[reg] && callee->writes & 1U << (arguments[reg] - 1))
		return -1;
	return is_clobbered;
}

/* Is the register given a new value without use of the old one? */
static bool is_overwritten(const struct insn *insn, unsigned reg)
{
	if (insn->dst != reg || insn->width < 4)
		return false;
	if (insn->op == CODE_XOR || insn->op == CODE_SUB)
		return insn->src == reg;
	return (insn->op == CODE_MOV || insn->op == CODE_MOVSX || insn->op == CODE_LEA ||
		insn->op == CODE_POP) &&
	       insn->src != reg && insn->base != reg && insn->index != reg;
}

static bool is_used(const struct insn *insn, unsigned reg)
{
	if (insn->base == reg || insn->index == reg || insn->op == CODE_STRING)
		return true;
	if (insn->op == CODE_CMP || insn->op == CODE_TEST)
		return false;
	return insn->dst == reg || insn->src == reg || insn->clobbers & 1U << reg;
}

/* The address of a constant of the module's own, in @reg behind instruction @i: is it
 * only handed to functions that read there, or to none? A string, mostly.
 */
static bool is_harmless(const struct finder *finder, const struct code_section *section,
			size_t i, unsigned reg)
{
	enum { MAX_AHEAD = 48 };

	for (size_t j = i + 1; j < section->nr_insns && j < i + MAX_AHEAD; j++) {
		const struct insn *insn = &section->insns[j];
		const struct code_section *in;
		const struct insn *target;
		int passes;

		if (insn->flags & (CODE_LEADER | CODE_SITE))
			return false;
		switch (insn->op) {
		case CODE_CALL:
			passes = passes_constant(finder, insn, reg);
			if (passes != 0)
				return passes > 0;
			break;
		case CODE_JMP:
			if (insn->src != CODE_IMMEDIATE)
				return false;
			target = code_at(finder->flow->code, (uint64_t)insn->imm, &in);
			if (target && !(target->flags & CODE_FUNCTION))
				return false;
			return passes_constant(finder, insn, reg) >= 0;
		case CODE_JCC:
			return false;
		case CODE_RET:
			return true;
		case CODE_TRAP:
			if (!(insn->flags & CODE_WARN))
				return true;
			break;
		default:
			if (is_overwritten(insn, reg))
				return true;
			if (is_used(insn, reg))
				return false;
		}
	}
	return false;
}

/* What is read there, if it is known: does it lead to something special? */
static bool is_special_content(const struct finder *finder, uint64_t va)
{
	struct flow *flow = finder->flow;
	uint64_t n;

	if (va == flow->phys_base)
		return true;
	if (place_read(flow->space->place, va, &n, sizeof(n)) < 0 &&
	    space_read_sealed(flow->space, va, &n, sizeof(n)) < 0)
		return false;
	return classify(finder, n) >= ADDRESS_VARIABLE || n == flow->page_offset ||
	       n == flow->vmemmap;
}

/* The memory operand, or what lea makes of it. */
static bool is_memory_seed(const struct finder *finder,
			   const struct code_section *section, size_t i,
			   struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	bool has_registers = insn->base != CODE_NO_REGISTER ||
			     insn->index != CODE_NO_REGISTER;
	uint64_t va = (uint64_t)insn->disp;
	enum address_class class;

	if (insn->flags & CODE_SEGMENT || !(va >> 63))
		return false;
	class = classify(finder, va);
	if (class == ADDRESS_VARIABLE) {
		range->variables |= section_bit(finder, va);
		return insn->flags & CODE_WRITES &&
		       place_kind_at(finder->flow->space->place, va) ==
			       PLACE_RO_AFTER_INIT;
	}
	if (class == ADDRESS_PLAIN)
		return false;
	if (insn->op == CODE_LEA)
		return class == ADDRESS_SPECIAL || insn->dst >= CODE_NR_REGISTERS ||
		       has_registers || !is_harmless(finder, section, i, insn->dst);
	if (insn->flags & CODE_WRITES || is_landmark(finder->flow, va))
		return true;
	if (insn->op == CODE_CALL || insn->op == CODE_JMP || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || insn->width < 8)
		return false;
	return has_registers || is_special_content(finder, va);
}

static bool is_immediate_seed(const struct finder *finder,
			      const struct code_section *section, size_t i,
			      struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	uint64_t va = (uint64_t)insn->imm;
	enum address_class class;

	/* A mask is no address. */
	if (!(va >> 63) || insn->op == CODE_CMP || insn->op == CODE_TEST ||
	    (insn->op == CODE_AND && !insn->imm_symbol))
		return false;
	class = classify(finder, va);
	if (class == ADDRESS_VARIABLE) {
		range->variables |= section_bit(finder, va);
		return place_kind_at(finder->flow->space->place, va) ==
		       PLACE_RO_AFTER_INIT;
	}
	if (class != ADDRESS_CONSTANT)
		return class == ADDRESS_SPECIAL;
	return insn->op != CODE_MOV || insn->dst >= CODE_NR_REGISTERS ||
	       !is_harmless(finder, section, i, insn->dst);
}

static bool is_seed(const struct finder *finder, const struct code_section *section,
		    size_t i, struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	bool has_memory = insn->flags & (CODE_READS | CODE_WRITES) ||
			  insn->op == CODE_LEA || insn->src == CODE_MEMORY ||
			  insn->dst == CODE_MEMORY;
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP ||
			 insn->op == CODE_JCC;

	if (insn->op >= CODE_FROM_CR0 && insn->op <= CODE_FROM_CR3)
		return true;
	if ((insn->op == CODE_CALL || insn->op == CODE_JMP) &&
	    is_special_call(finder, insn))
		return true;
	if (has_memory && is_memory_seed(finder, section, i, range))
		return true;
	return insn->imm && !is_branch && is_immediate_seed(finder, section, i, range);
}

static struct seed_range *range_of(const struct seeds *seeds, uint64_t va)
{
	size_t low = 0, high = seeds->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seeds->ranges[middle].va <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &seeds->ranges[low - 1] : NULL;
}

static int add_passage(struct finder *finder, size_t from, uint64_t va)
{
	const struct seed_range *to = range_of(&finder->seeds, va);
	struct passage *passages;

	if (!to || (size_t)(to - finder->seeds.ranges) == from)
		return 0;
	if (finder->nr_passages == finder->room) {
		size_t room = finder->room ? finder->room * 2 : 256;

		passages = reallocarray(finder->passages, room, sizeof(*passages));
		if (!passages)
			return -ENOMEM;
		finder->passages = passages;
		finder->room = room;
	}
	finder->passages[finder->nr_passages++] = (struct passage){
		.from = from, .to = (size_t)(to - finder->seeds.ranges)};
	return 0;
}

static bool ends(const struct insn *insn)
{
	return insn->op == CODE_JMP || insn->op == CODE_RET ||
	       (insn->op == CODE_TRAP && !(insn->flags & CODE_WARN));
}

/* Where control goes from here without a call, other than to another function's start. */
static int follow(struct finder *finder, const struct code_section *section, size_t i,
		  size_t range)
{
	const struct code *code = finder->flow->code;
	const struct insn *insn = &section->insns[i];
	uint64_t va = code_va(section, insn);
	const struct code_section *in;
	const struct code_edge *edge;
	const struct insn *target;
	int r = 0;

	edge = insn->flags & CODE_SITE ? code_edge_from(code, va) : NULL;
	if (edge)
		r = add_passage(finder, range, edge->to);
	if (r == 0 && (insn->op == CODE_JMP || insn->op == CODE_JCC) &&
	    insn->src == CODE_IMMEDIATE) {
		target = code_at(code, (uint64_t)insn->imm, &in);
		if (target && !(insn->op == CODE_JMP && target->flags & CODE_FUNCTION))
			r = add_passage(finder, range, (uint64_t)insn->imm);
	}
	if (r == 0 && (!ends(insn) || edge) && i + 1 < section->nr_insns)
		r = add_passage(finder, range, va + insn->bytes);
	return r;
}

static bool starts_range(const struct code_section *section, size_t i)
{
	return i == 0 || section->insns[i].flags & (CODE_FUNCTION | CODE_PART);
}

static int compare(const void *a, const void *b)
{
	const struct seed_range *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static int list_ranges(struct finder *finder)
{
	const struct code *code = finder->flow->code;
	size_t nr = 0;

	for (size_t i = 0; i < code->nr_sections; i++)
		for (size_t j = 0; j < code->sections[i].nr_insns; j++)
			nr += starts_range(&code->sections[i], j);
	finder->seeds.ranges = calloc(nr + 1, sizeof(*finder->seeds.ranges));
	if (!finder->seeds.ranges)
		return -ENOMEM;
	for (size_t i = 0; i < code->nr_sections; i++)
		for (size_t j = 0; j < code->sections[i].nr_insns; j++)
			if (starts_range(&code->sections[i], j))
				finder->seeds.ranges[finder->seeds.nr++].va = code_va(
					&code->sections[i], &code->sections[i].insns[j]);
	qsort(finder->seeds.ranges, finder->seeds.nr, sizeof(*finder->seeds.ranges),
	      compare);
	return 0;
}

static int read_section(struct finder *finder, const struct code_section *section)
{
	struct seed_range *range = NULL;
	bool is_padding = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < section->nr_insns; i++) {
		if (starts_range(section, i))
			range = range_of(&finder->seeds,
					 code_va(section, &section->insns[i]));
		if (!range->has_seed)
			range->has_seed = is_seed(finder, section, i, range);
		if (section->insns[i].flags &
		    (CODE_LEADER | CODE_FUNCTION | CODE_ENTERED))
			is_padding = false;
		if (!is_padding)
			r = follow(finder, section, i,
				   (size_t)(range - finder->seeds.ranges));
		/* What lies behind the end of a function leads nowhere. */
		is_padding |= ends(&section->insns[i]) &&
			      !(section->insns[i].flags & CODE_SITE);
	}
	return r;
}

/* Variables that hold the address of something special as they are built, or that this
 * load's parameters set.
 */
static uint64_t find_hot_sections(const struct finder *finder)
{
	const struct flow *flow = finder->flow;
	const struct place *place = flow->space->place;
	uint64_t hot = 0;

	for (size_t i = 1; i < place->file->nr_sections; i++) {
		const struct file_section *section = &place->file->sections[i];
		enum place_kind kind = place->sections[i].kind;

		if (kind != PLACE_DATA && kind != PLACE_INIT_DATA &&
		    kind != PLACE_RO_AFTER_INIT)
			continue;
		for (uint64_t at = 0; at + 8 <= section->size_bytes && section->data;
		     at += 8) {
			uint64_t n;

			memcpy(&n, place->sections[i].image + at, sizeof(n));
			if (classify(finder, n) == ADDRESS_SPECIAL)
				hot |= 1ULL << i % 64;
		}
	}
	for (size_t i = 0; i < flow->parameters->nr; i++)
		if (flow->parameters->array[i].is_given)
			hot |= section_bit(finder, flow->parameters->array[i].target);
	return hot;
}

static void settle(const struct finder *finder)
{
	struct seed_range *ranges = finder->seeds.ranges;
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < finder->nr_passages; i++) {
			struct seed_range *from = &ranges[finder->passages[i].from];
			const struct seed_range *to = &ranges[finder->passages[i].to];

			if ((to->has_seed && !from->has_seed) ||
			    to->variables & ~from->variables) {
				from->has_seed |= to->has_seed;
				from->variables |= to->variables;
				changed = true;
			}
		}
	}
}

int seeds_find(struct seeds *ret, struct flow *flow)
{
	const struct file *file = flow->space->place->file;
	struct finder finder = {.flow = flow};
	int r;

	finder.callees = calloc(file->nr_symbols, 1);
	r = finder.callees ? list_ranges(&finder) : -ENOMEM;
	for (size_t i = 0; r == 0 && i < flow->code->nr_sections; i++)
		r = read_section(&finder, &flow->code->sections[i]);
	if (r == 0) {
		settle(&finder);
		flow->hot_sections = find_hot_sections(&finder);
		*ret = finder.seeds;
	} else {
		seeds_close(&finder.seeds);
	}
	free(finder.passages);
	free(finder.callees);
	return r;
}

void seeds_close(struct seeds *seeds)
{
	free(seeds->ranges);
	memset(seeds, 0, sizeof(*seeds));
}

bool seeds_are_reached(const struct seeds *seeds, uint64_t va, uint64_t hot_sections)
{
	const struct seed_range *range = range_of(seeds, va);

	return !range || range->has_seed || range->variables & hot_sections;
}
