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
	uint8_t *callees;      /* by symbol: enum callee_class */
	uint64_t hot_sections; /* bit n: section n (modulo 64) is built with something
				  special in it; a constant one, with any address */
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

/* Registers that hold the address of an object of the module's own, at an instruction yet
 * to be looked at.
 */
struct trail {
	const struct code_section *section;
	size_t i;
	uint16_t registers; /* bit n: register n */
};

enum { MAX_TRAILS = 24, MAX_FOLLOWED = 400 };

/* Follows an object's address over all paths from where a register gets it. */
struct tracker {
	const struct finder *finder;
	bool is_writable; /* the object: stores there are of no interest */
	struct seed_range *range;
	struct trail seen[MAX_TRAILS]; /* where paths join or part */
	size_t nr_seen, nr_done;
	size_t nr_followed;
};

enum {
	ARGUMENTS = 1 << CODE_RDI | 1 << CODE_RSI | 1 << CODE_RDX | 1 << CODE_RCX |
		    1 << 8 | 1 << 9,
	CLOBBERED = ARGUMENTS | 1 << CODE_RAX | 1 << 10 | 1 << 11,
};

/* Those of the arguments that the callee writes where they point. */
static uint16_t written_arguments(const struct callee *callee)
{
	static const uint8_t registers[] = {CODE_RDI, CODE_RSI, CODE_RDX, CODE_RCX, 8, 9};
	uint16_t written = 0;

	for (size_t i = 0; i < sizeof(registers); i++)
		if (callee->writes & 1U << i)
			written |= (uint16_t)(1U << registers[i]);
	return written;
}

static uint16_t bit_of(uint8_t reg)
{
	return reg < CODE_NR_REGISTERS ? (uint16_t)(1U << reg) : 0;
}

/* What is left of @registers behind a call or jump out of the function. false: what is
 * called may write there.
 */
static bool passes_call(const struct tracker *tracker, const struct insn *insn,
			uint16_t *registers)
{
	const struct callee *callee = NULL;
	const char *name = NULL;
	uint16_t through = bit_of(insn->src) | bit_of(insn->base) | bit_of(insn->index);
	unsigned thunk;

	if (insn->src == CODE_IMMEDIATE && insn->imm_symbol)
		callee = callee_of(tracker->finder, insn, &name);
	if (insn->src != CODE_IMMEDIATE ||
	    (name && callee_is_indirect_thunk(name, &thunk))) {
		/* What is called may be one that looks names up. */
		if (*registers & (1U << CODE_RDI | through))
			return false;
		*registers &= (uint16_t)~CLOBBERED;
		return true;
	}
	if (callee && callee->kind == CALLEE_NO_RETURN)
		*registers = 0;
	if (callee && callee->kind == CALLEE_NO_ARGUMENTS)
		return true;
	if (callee && !tracker->is_writable && *registers & written_arguments(callee))
		return false;
	*registers &= (uint16_t)~CLOBBERED;
	return true;
}

/* The same behind an instruction that is no branch. */
static bool passes_insn(struct tracker *tracker, const struct insn *insn,
			uint16_t *registers)
{
	uint16_t dst = bit_of(insn->dst), src = bit_of(insn->src);
	uint16_t through = *registers & (bit_of(insn->base) | bit_of(insn->index));
	bool has_source = *registers & src;

	if (insn->op == CODE_LEA)
		has_source = through;
	else if (through &&
		 ((insn->flags & CODE_WRITES && !tracker->is_writable) ||
		  (insn->dst != CODE_MEMORY && insn->op != CODE_OTHER &&
		   insn->op != CODE_CMP && insn->op != CODE_TEST && insn->width >= 8)))
		return false;
	switch (insn->op) {
	case CODE_CMP:
	case CODE_TEST:
		return true;
	case CODE_MOV:
	case CODE_MOVSX:
	case CODE_LEA:
		if (has_source && insn->dst == CODE_MEMORY) {
			tracker->range->has_planted = true;
			return insn->base != CODE_RSP;
		}
		if (insn->width >= 4)
			*registers &= (uint16_t)~dst;
		break;
	case CODE_XOR:
	case CODE_SUB:
		if (dst == src)
			*registers &= (uint16_t)~dst;
		has_source &= dst != src;
		break;
	case CODE_STRING:
		if (*registers & 1U << CODE_RDI && !tracker->is_writable)
			return false;
		*registers &= (uint16_t)~insn->clobbers;
		return true;
	case CODE_POP:
		*registers &= (uint16_t)~dst;
		return true;
	case CODE_XCHG:
	case CODE_PUSH:
	case CODE_LEAVE:
		return !has_source && !(*registers & dst);
	case CODE_OTHER:
		*registers &= (uint16_t)~insn->clobbers;
		return true;
	default:
		break;
	}
	if (has_source && insn->dst == CODE_MEMORY)
		return false;
	if (has_source)
		*registers |= dst;
	return true;
}

/* A path goes on there. false: too many do. */
static bool add_trail(struct tracker *tracker, const struct code_section *section,
		      size_t i, uint16_t registers)
{
	if (!registers)
		return true;
	for (size_t j = 0; j < tracker->nr_seen; j++)
		if (tracker->seen[j].section == section && tracker->seen[j].i == i &&
		    !(registers & ~tracker->seen[j].registers))
			return true;
	if (tracker->nr_seen == MAX_TRAILS)
		return false;
	tracker->seen[tracker->nr_seen++] = (struct trail){
		.section = section, .i = i, .registers = registers};
	return true;
}

static bool add_trail_at(struct tracker *tracker, uint64_t va, uint16_t registers)
{
	const struct code_section *section;
	const struct insn *insn = code_at(tracker->finder->flow->code, va, &section);

	return insn &&
	       add_trail(tracker, section, (size_t)(insn - section->insns), registers);
}

/* Follows one path to where it parts or joins. false: it may be written there. */
static bool follow_trail(struct tracker *tracker, struct trail trail)
{
	const struct code *code = tracker->finder->flow->code;
	const struct code_section *section = trail.section;
	uint16_t registers = trail.registers;

	for (size_t i = trail.i; i < section->nr_insns && registers; i++) {
		const struct insn *insn = &section->insns[i], *target;
		const struct code_section *in;
		const struct code_edge *edge;

		if (i != trail.i && insn->flags & CODE_LEADER)
			return add_trail(tracker, section, i, registers);
		if (++tracker->nr_followed > MAX_FOLLOWED)
			return false;
		edge = insn->flags & CODE_SITE
			       ? code_edge_from(code, code_va(section, insn))
			       : NULL;
		if (edge && !add_trail_at(tracker, edge->to, registers))
			return false;
		switch (insn->op) {
		case CODE_CALL:
			if (!passes_call(tracker, insn, &registers))
				return false;
			break;
		case CODE_JMP:
			if (edge && !add_trail(tracker, section, i + 1, registers))
				return false;
			if (insn->src != CODE_IMMEDIATE)
				return false;
			target = code_at(code, (uint64_t)insn->imm, &in);
			if (target && !(target->flags & CODE_FUNCTION))
				return add_trail_at(tracker, (uint64_t)insn->imm,
						    registers);
			return passes_call(tracker, insn, &registers);
		case CODE_JCC:
			if (!add_trail_at(tracker, (uint64_t)insn->imm, registers))
				return false;
			break;
		case CODE_RET:
			return true;
		case CODE_TRAP:
			if (!(insn->flags & CODE_WARN))
				return true;
			break;
		default:
			if (!passes_insn(tracker, insn, &registers))
				return false;
		}
	}
	return true;
}

/* The address of an object of the module's own, that instruction @i has: is it only
 * handed to functions that read there, compared and put into memory other than the stack?
 * A string, or an operations table, mostly. @is_writable: the object; only what is read
 * from it matters.
 */
static bool is_harmless(const struct finder *finder, const struct code_section *section,
			size_t i, bool is_writable, struct seed_range *range)
{
	struct tracker tracker = {
		.finder = finder, .is_writable = is_writable, .range = range};
	const struct insn *insn = &section->insns[i];

	if (insn->op == CODE_MOV && insn->dst == CODE_MEMORY) {
		range->has_planted = true;
		return insn->base != CODE_RSP;
	}
	if ((insn->op != CODE_MOV && insn->op != CODE_LEA) ||
	    insn->dst >= CODE_NR_REGISTERS ||
	    !add_trail(&tracker, section, i + 1, bit_of(insn->dst)))
		return false;
	while (tracker.nr_done < tracker.nr_seen)
		if (!follow_trail(&tracker, tracker.seen[tracker.nr_done++]))
			return false;
	return true;
}

/* What is read there, if it is known: does it lead to something special? */
static bool is_special_content(const struct finder *finder, uint64_t va, uint8_t op)
{
	struct flow *flow = finder->flow;
	uint64_t n;

	if (va == flow->phys_base)
		return true;
	if (place_read(flow->space->place, va, &n, sizeof(n)) < 0 &&
	    space_read_sealed(flow->space, va, &n, sizeof(n)) < 0)
		return false;
	/* Taken off what is not known, a base leaves nothing known. */
	return classify(finder, n) >= ADDRESS_VARIABLE ||
	       (op != CODE_SUB && (n == flow->page_offset || n == flow->vmemmap));
}

/* A variable's address, or a load from it: something special may be read there. */
static bool is_hot_variable_seed(const struct finder *finder,
				 const struct code_section *section, size_t i,
				 struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	bool has_registers = insn->base != CODE_NO_REGISTER ||
			     insn->index != CODE_NO_REGISTER;
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP;
	uint64_t n;

	if (insn->op == CODE_LEA)
		return has_registers || !is_harmless(finder, section, i, true, range);
	if (!(insn->flags & CODE_READS) || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || (insn->width < 8 && !is_branch))
		return false;
	return has_registers || (place_read(finder->flow->space->place,
					    (uint64_t)insn->disp, &n, sizeof(n)) == 0 &&
				 classify(finder, n) == ADDRESS_SPECIAL);
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
		if (insn->flags & CODE_WRITES &&
		    place_kind_at(finder->flow->space->place, va) == PLACE_RO_AFTER_INIT)
			return true;
		return finder->hot_sections & section_bit(finder, va) &&
		       is_hot_variable_seed(finder, section, i, range);
	}
	if (class == ADDRESS_PLAIN)
		return false;
	if (insn->op == CODE_LEA)
		return class == ADDRESS_SPECIAL || has_registers ||
		       !is_harmless(finder, section, i, false, range);
	if (insn->flags & CODE_WRITES || is_landmark(finder->flow, va))
		return true;
	if (insn->op == CODE_CALL || insn->op == CODE_JMP || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || insn->width < 8)
		return false;
	if (has_registers && class == ADDRESS_CONSTANT)
		return finder->hot_sections & section_bit(finder, va);
	return has_registers || is_special_content(finder, va, insn->op);
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
			       PLACE_RO_AFTER_INIT ||
		       (finder->hot_sections & section_bit(finder, va) &&
			!is_harmless(finder, section, i, true, range));
	}
	return class == ADDRESS_SPECIAL ||
	       (class == ADDRESS_CONSTANT &&
		!is_harmless(finder, section, i, false, range));
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

	if ((insn->op == CODE_LEA && insn->base == CODE_RSP) ||
	    (insn->op == CODE_MOV && insn->src == CODE_RSP))
		range->has_stack_address = true;
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
	const struct seed_range *ranges = finder->seeds.ranges, *to;
	struct passage *passages;

	if (va >= ranges[from].va && from + 1 < finder->seeds.nr &&
	    va < ranges[from + 1].va)
		return 0;
	to = range_of(&finder->seeds, va);
	if (!to || (size_t)(to - ranges) == from)
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
		.from = from, .to = (size_t)(to - ranges)};
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

/* Sections that hold the address of something special as they are built. What a constant
 * one has the address of may be a constant, which is not to be written either.
 */
static uint64_t find_hot_sections(const struct finder *finder)
{
	const struct place *place = finder->flow->space->place;
	uint64_t hot = 0;

	for (size_t i = 1; i < place->file->nr_sections; i++) {
		const struct file_section *section = &place->file->sections[i];
		enum address_class least = ADDRESS_SPECIAL;

		if (place->sections[i].kind == PLACE_NONE ||
		    place->sections[i].kind == PLACE_PER_CPU ||
		    code_is_metadata(section->name))
			continue;
		if (place->sections[i].kind == PLACE_TEXT ||
		    place->sections[i].kind == PLACE_INIT_TEXT)
			hot |= 1ULL << i % 64; /* not worth the look */
		if (!place_is_writable(place->sections[i].kind, PLACE_PHASE_INIT))
			least = ADDRESS_VARIABLE;
		for (uint64_t at = 0; at + 8 <= section->size_bytes && section->data &&
				      !(hot & 1ULL << i % 64);
		     at += 8) {
			uint64_t n;

			memcpy(&n, place->sections[i].image + at, sizeof(n));
			if (classify(finder, n) >= least)
				hot |= 1ULL << i % 64;
		}
	}
	return hot;
}

/* ... or that this load's parameters set. */
static uint64_t find_given(const struct finder *finder)
{
	const struct parameters *parameters = finder->flow->parameters;
	uint64_t hot = 0;

	for (size_t i = 0; i < parameters->nr; i++)
		if (parameters->array[i].is_given)
			hot |= section_bit(finder, parameters->array[i].target);
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
			    (to->has_planted && !from->has_planted) ||
			    (to->has_stack_address && !from->has_stack_address) ||
			    to->variables & ~from->variables) {
				from->has_seed |= to->has_seed;
				from->has_planted |= to->has_planted;
				from->has_stack_address |= to->has_stack_address;
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
	finder.hot_sections = find_hot_sections(&finder);
	for (size_t i = 0; r == 0 && i < flow->code->nr_sections; i++)
		r = read_section(&finder, &flow->code->sections[i]);
	if (r == 0) {
		settle(&finder);
		flow->hot_sections = find_given(&finder);
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

	return !range || range->has_seed ||
	       (range->has_planted && range->has_stack_address) ||
	       range->variables & hot_sections;
}
