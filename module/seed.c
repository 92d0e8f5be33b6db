/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions could do anything worth following. */
#include "module/seed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "module/frame.h"
#include "module/trail.h"

/* From one range into another: whatever is reached there is reached here. */
struct passage {
	size_t from, to;
};

struct passages {
	struct passage *array;
	size_t nr, room;
};

/* What is read there, if it is known: does it lead to something special? */
static bool is_special_content(const struct finder *finder, uint64_t va, uint8_t op)
{
	struct flow *flow = finder->flow;
	uint64_t n;

	if (va == flow->landmarks->phys_base)
		return true;
	if (place_read(flow->space->place, va, &n, sizeof(n)) < 0 &&
	    space_read_sealed(flow->space, va, &n, sizeof(n)) < 0)
		return false;
	/* Taken off what is not known, a base leaves nothing known. */
	return finder_classify(finder, n) >= FINDER_ADDRESS_VARIABLE ||
	       (op != CODE_SUB &&
		(n == flow->landmarks->page_offset || n == flow->landmarks->vmemmap));
}

/* Registers are part of the operand's address. */
static bool is_indexed(const struct insn *insn)
{
	return insn->base != CODE_NO_REGISTER || insn->index != CODE_NO_REGISTER;
}

/* A variable's address, or a load from it: something special may be read there. */
static bool is_hot_variable_seed(const struct finder *finder,
				 const struct code_section *section, size_t i,
				 struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	bool has_registers = is_indexed(insn);
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP;
	uint64_t n;

	if (insn->op == CODE_LEA)
		return has_registers ||
		       !trail_is_harmless(finder, section, i, TRAIL_WRITABLE,
					  &range->has_planted);
	if (!(insn->flags & CODE_READS) || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || (insn->width < 8 && !is_branch))
		return false;
	return has_registers || (place_read(finder->flow->space->place,
					    (uint64_t)insn->disp, &n, sizeof(n)) == 0 &&
				 finder_classify(finder, n) == FINDER_ADDRESS_SPECIAL);
}

/* The memory operand, or what lea makes of it. */
static bool is_memory_seed(const struct finder *finder,
			   const struct code_section *section, size_t i,
			   struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	bool has_registers = is_indexed(insn);
	uint64_t va = (uint64_t)insn->disp;
	enum finder_address class;

	if (insn->flags & CODE_SEGMENT || !(va >> 63))
		return false;
	class = finder_classify(finder, va);
	if (class == FINDER_ADDRESS_VARIABLE) {
		range->variables |= finder_section_bit(finder, va);
		if (insn->flags & CODE_WRITES &&
		    place_kind_at(finder->flow->space->place, va) == PLACE_RO_AFTER_INIT)
			return true;
		return finder->hot_sections & finder_section_bit(finder, va) &&
		       is_hot_variable_seed(finder, section, i, range);
	}
	if (class == FINDER_ADDRESS_PLAIN)
		return false;
	if (insn->op == CODE_LEA)
		return class == FINDER_ADDRESS_SPECIAL || has_registers ||
		       !trail_is_harmless(finder, section, i, TRAIL_CONSTANT,
					  &range->has_planted);
	if (insn->flags & CODE_WRITES || finder_is_landmark(finder->flow, va))
		return true;
	if (insn->op == CODE_CALL || insn->op == CODE_JMP || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || insn->width < 8)
		return false;
	if (has_registers && class == FINDER_ADDRESS_CONSTANT)
		return finder->hot_sections & finder_section_bit(finder, va) &&
		       !trail_is_harmless(finder, section, i, TRAIL_SEALED,
					  &range->has_planted);
	return has_registers ||
	       (is_special_content(finder, va, insn->op) &&
		!(insn->op == CODE_ADD && trail_begins_unknown(section, i)));
}

static bool is_immediate_seed(const struct finder *finder,
			      const struct code_section *section, size_t i,
			      struct seed_range *range)
{
	const struct insn *insn = &section->insns[i];
	uint64_t va = (uint64_t)insn->imm;
	enum finder_address class;

	/* A mask is no address. */
	if (!(va >> 63) || insn->op == CODE_CMP || insn->op == CODE_TEST ||
	    (insn->op == CODE_AND && !insn->imm_symbol))
		return false;
	class = finder_classify(finder, va);
	if (class == FINDER_ADDRESS_VARIABLE) {
		range->variables |= finder_section_bit(finder, va);
		return place_kind_at(finder->flow->space->place, va) ==
			       PLACE_RO_AFTER_INIT ||
		       (finder->hot_sections & finder_section_bit(finder, va) &&
			!trail_is_harmless(finder, section, i, TRAIL_WRITABLE,
					   &range->has_planted));
	}
	if (class == FINDER_ADDRESS_PLAIN)
		return false;
	return finder_is_landmark(finder->flow, va) ||
	       !trail_is_harmless(finder, section, i,
				  class == FINDER_ADDRESS_SPECIAL ? TRAIL_SEALED
								  : TRAIL_CONSTANT,
				  &range->has_planted);
}

static bool takes_stack_address(const struct insn *insn)
{
	return (insn->op == CODE_LEA && insn->base == CODE_RSP &&
		insn->dst != CODE_RSP) ||
	       (insn->op == CODE_MOV && insn->src == CODE_RSP);
}

bool seeds_has(const struct seeds *seeds, const struct code_section *section, size_t i,
	       struct seed_range *range)
{
	const struct finder *finder = &seeds->finder;
	const struct insn *insn = &section->insns[i];
	bool has_memory = insn->flags & (CODE_READS | CODE_WRITES) ||
			  insn->op == CODE_LEA || insn->src == CODE_MEMORY ||
			  insn->dst == CODE_MEMORY;
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP ||
			 insn->op == CODE_JCC;

	if (takes_stack_address(insn))
		range->has_stack_address = true;
	if (insn->op >= CODE_FROM_CR0 && insn->op <= CODE_FROM_CR3)
		return true;
	if ((insn->op == CODE_CALL || insn->op == CODE_JMP) &&
	    finder_is_special_call(finder, insn))
		return true;
	if (has_memory && is_memory_seed(finder, section, i, range))
		return true;
	return insn->imm && !is_branch && is_immediate_seed(finder, section, i, range);
}

const struct seed_range *seeds_range(const struct seeds *seeds, uint64_t va)
{
	const struct code *code = seeds->finder.flow->code;
	const struct code_section *section = code_section_of(code, va);
	size_t first, low, high;

	if (!section)
		return NULL;
	first = low = seeds->first_ranges[section - code->sections];
	high = seeds->first_ranges[section - code->sections + 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seeds->ranges[middle].va <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low > first ? &seeds->ranges[low - 1] : NULL;
}

static int add_passage(const struct seeds *seeds, struct passages *passages,
		       const struct seed_range *from, uint64_t va)
{
	const struct seed_range *to;
	struct passage *array;

	if (va >= from->va && va < from->end_va)
		return 0;
	to = seeds_range(seeds, va);
	if (!to)
		return 0;
	if (passages->nr == passages->room) {
		size_t room = passages->room ? passages->room * 2 : 256;

		array = reallocarray(passages->array, room, sizeof(*array));
		if (!array)
			return -ENOMEM;
		passages->array = array;
		passages->room = room;
	}
	passages->array[passages->nr++] = (struct passage){
		.from = (size_t)(from - seeds->ranges),
		.to = (size_t)(to - seeds->ranges)};
	return 0;
}

bool seeds_end(const struct seeds *seeds, const struct insn *insn)
{
	if (insn->op == CODE_CALL && insn->src == CODE_IMMEDIATE && insn->imm_symbol)
		return finder_symbol(&seeds->finder, insn->imm_symbol)->call ==
		       FINDER_NO_RETURN;
	return insn->op == CODE_JMP || insn->op == CODE_RET ||
	       (insn->op == CODE_TRAP && !(insn->flags & CODE_WARN));
}

static bool starts_range(const struct code_section *section, size_t i)
{
	return i == 0 || section->insns[i].flags & (CODE_FUNCTION | CODE_PART);
}

static int list_section(struct seeds *seeds, const struct code_section *section,
			size_t *room)
{
	for (size_t i = 0; i < section->nr_insns;
	     i = code_next_notable(section, i + 1, section->nr_insns)) {
		if (!starts_range(section, i))
			continue;
		if (seeds->nr == *room) {
			struct seed_range *ranges;

			*room = *room ? *room * 2 : 256;
			ranges = reallocarray(seeds->ranges, *room, sizeof(*ranges));
			if (!ranges)
				return -ENOMEM;
			seeds->ranges = ranges;
		}
		seeds->ranges[seeds->nr++] = (struct seed_range){
			.section = section,
			.first = i,
			.va = code_va(section, &section->insns[i])};
	}
	return 0;
}

static int list_ranges(struct seeds *seeds)
{
	const struct code *code = seeds->finder.flow->code;
	size_t room = 0;
	int r = 0;

	seeds->first_ranges = calloc(code->nr_sections + 1, sizeof(*seeds->first_ranges));
	if (!seeds->first_ranges)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < code->nr_sections; i++) {
		r = list_section(seeds, &code->sections[i], &room);
		seeds->first_ranges[i + 1] = seeds->nr;
	}
	for (size_t i = seeds->nr; i-- > 0;) {
		struct seed_range *range = &seeds->ranges[i];
		const struct code_section *section = range->section;
		bool has_next = i + 1 < seeds->nr && range[1].section == section;

		range->nr_insns = (has_next ? range[1].first : section->nr_insns) -
				  range->first;
		range->end_va = has_next ? range[1].va
					 : section->va + section->size_bytes;
	}
	return r;
}

/* The last one of the range, with others of the section behind it. */
static bool is_last(const struct seed_range *range, const struct insn *insn)
{
	size_t next = range->first + range->nr_insns;

	return next < range->section->nr_insns &&
	       insn == &range->section->insns[next - 1];
}

/* Where control goes from the range without a call, other than to another function's
 * start.
 */
static int follow(const struct seeds *seeds, struct passages *passages,
		  const struct seed_range *range, const struct insn *insn)
{
	const struct code *code = seeds->finder.flow->code;
	uint64_t va = code_va(range->section, insn), to = (uint64_t)insn->imm;
	const struct code_section *in;
	const struct code_edge *edge;
	const struct insn *target;
	int r = 0;

	edge = insn->flags & CODE_SITE ? code_edge_from(code, va) : NULL;
	if (edge)
		r = add_passage(seeds, passages, range, edge->to);
	if (r == 0 && (insn->op == CODE_JMP || insn->op == CODE_JCC) &&
	    insn->src == CODE_IMMEDIATE && (to < range->va || to >= range->end_va)) {
		target = code_at(code, to, &in);
		if (target && !(insn->op == CODE_JMP && target->flags & CODE_FUNCTION))
			r = add_passage(seeds, passages, range, to);
	}
	if (r == 0 && is_last(range, insn) && (!seeds_end(seeds, insn) || edge))
		r = add_passage(seeds, passages, range, range->end_va);
	return r;
}

/* The next of the range's instructions that matters, from number @i: a notable one, or
 * the last.
 */
static size_t next_of(const struct seed_range *range, size_t i)
{
	size_t last = range->first + range->nr_insns - 1;

	return i > last ? i : code_next_notable(range->section, i, last);
}

/* Is the stack read by its address, or that kept? Mostly a function gets it. */
static bool uses_stack_address(const struct seeds *seeds, const struct seed_range *range)
{
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	bool is_planted = false, is_used = false;

	for (size_t i = next_of(range, range->first); i < end && !is_used;
	     i = next_of(range, i + 1))
		is_used = takes_stack_address(&section->insns[i]) &&
			  (!trail_is_harmless(&seeds->finder, section, i,
					      TRAIL_STACK | TRAIL_WRITABLE,
					      &is_planted) ||
			   is_planted);
	return is_used;
}

/* Does control come to one of the instructions from number @i to @last from elsewhere? */
static bool is_entered(const struct code_section *section, size_t i, size_t last)
{
	for (; i <= last; i++)
		if (section->insns[i].flags &
		    (CODE_LEADER | CODE_FUNCTION | CODE_ENTERED))
			return true;
	return false;
}

static int read_range(struct seeds *seeds, struct passages *passages,
		      struct seed_range *range)
{
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns, behind = end;
	int r = 0;

	for (size_t i = next_of(range, range->first); r == 0 && i < end;
	     i = next_of(range, i + 1)) {
		const struct insn *insn = &section->insns[i];

		if (!range->has_seed)
			range->has_seed = seeds_has(seeds, section, i, range);
		/* What lies behind the end of a function leads nowhere. */
		if (behind <= i && !is_entered(section, behind, i)) {
			behind = i + 1;
			continue;
		}
		behind = end;
		if (is_last(range, insn) || insn->op == CODE_JMP ||
		    insn->op == CODE_JCC || insn->flags & CODE_SITE)
			r = follow(seeds, passages, range, insn);
		if (seeds_end(seeds, insn) && !(insn->flags & CODE_SITE))
			behind = i + 1;
	}
	if (range->has_planted && range->has_stack_address && !range->has_seed)
		range->has_stack_address = uses_stack_address(seeds, range);
	return r;
}

/* Sections of variables that this load's parameters set. */
static uint64_t find_given(const struct finder *finder)
{
	const struct parameters *parameters = finder->flow->parameters;
	uint64_t hot = 0;

	for (size_t i = 0; i < parameters->nr; i++)
		if (parameters->array[i].is_given)
			hot |= finder_section_bit(finder, parameters->array[i].target);
	return hot;
}

static void settle(const struct seeds *seeds, const struct passages *passages)
{
	struct seed_range *ranges = seeds->ranges;
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < passages->nr; i++) {
			struct seed_range *from = &ranges[passages->array[i].from];
			const struct seed_range *to = &ranges[passages->array[i].to];

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

/* Where an exact root may come on something special that a look at one function with
 * unknown arguments and unknown memory does not need to follow.
 */
static bool is_exact_seed(const struct finder *finder, const struct code_section *section,
			  size_t i)
{
	const struct insn *insn = &section->insns[i];
	const struct place *place = finder->flow->space->place;
	bool has_registers = is_indexed(insn);
	bool has_memory = (insn->flags & CODE_READS || insn->op == CODE_LEA) &&
			  !(insn->flags & CODE_SEGMENT);
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP ||
			 insn->op == CODE_JCC;
	enum finder_address class = FINDER_ADDRESS_PLAIN;
	enum trail_kind kind = TRAIL_EXACT;
	bool is_planted = false;
	uint64_t va = 0, n = 0;

	if (insn->op == CODE_CALL || insn->op == CODE_JMP) {
		if (insn->src == CODE_MEMORY)
			return has_registers ||
			       finder_classify(finder, (uint64_t)insn->disp) !=
				       FINDER_ADDRESS_PLAIN;
		if (insn->src != CODE_IMMEDIATE)
			return true;
		return finder_symbol(finder, insn->imm_symbol)->thunk < CODE_NR_REGISTERS;
	}
	if (has_memory &&
	    finder_classify(finder, (uint64_t)insn->disp) != FINDER_ADDRESS_PLAIN)
		va = (uint64_t)insn->disp;
	else if (insn->src == CODE_IMMEDIATE && !is_branch)
		va = (uint64_t)insn->imm;
	class = finder_classify(finder, va);
	if (class == FINDER_ADDRESS_PLAIN || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST)
		return false;
	if (insn->op == CODE_LEA ? has_registers : va == (uint64_t)insn->disp)
		return insn->width >= 8 &&
		       (has_registers || place_read(place, va, &n, sizeof(n)) < 0 ||
			finder_classify(finder, n) >= FINDER_ADDRESS_VARIABLE);
	if (insn->op == CODE_AND && !insn->imm_symbol)
		return false;
	if (class == FINDER_ADDRESS_SPECIAL)
		kind |= TRAIL_SEALED;
	if (class == FINDER_ADDRESS_VARIABLE &&
	    place_kind_at(place, va) != PLACE_RO_AFTER_INIT)
		kind |= TRAIL_WRITABLE;
	return !trail_is_harmless(finder, section, i, kind, &is_planted);
}

/* The functions that an exact root comes to, calls included. */
struct closure {
	const struct seeds *seeds;
	size_t *todo, nr_todo; /* numbers of ranges */
	bool *seen;
};

static void add_range(struct closure *closure, uint64_t va)
{
	const struct code *code = closure->seeds->finder.flow->code;
	const struct code_section *section;
	const struct seed_range *range = seeds_range(closure->seeds, va);
	size_t number = range ? (size_t)(range - closure->seeds->ranges) : 0;

	if (!range || closure->seen[number] || !code_at(code, va, &section))
		return;
	closure->seen[number] = true;
	closure->todo[closure->nr_todo++] = number;
}

/* Where control goes from one instruction of @range, but for the next one of it. */
static void add_ways(struct closure *closure, const struct seed_range *range,
		     const struct insn *insn)
{
	const struct finder *finder = &closure->seeds->finder;
	uint64_t va = code_va(range->section, insn);
	const struct code_edge *edge = NULL;

	if (insn->flags & CODE_SITE)
		edge = code_edge_from(finder->flow->code, va);
	if (edge)
		add_range(closure, edge->to);
	if (insn->src == CODE_IMMEDIATE &&
	    (insn->op == CODE_CALL || insn->op == CODE_JMP || insn->op == CODE_JCC))
		add_range(closure, (uint64_t)insn->imm);
	if (is_last(range, insn) && (!seeds_end(closure->seeds, insn) || edge))
		add_range(closure, range->end_va);
}

/* Is there a seed in the range? Adds those that are reached from it. */
static bool look_through(struct closure *closure, const struct seed_range *range)
{
	const struct finder *finder = &closure->seeds->finder;
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;

	if (range->has_seed || range->has_planted ||
	    range->variables & finder->flow->hot_sections)
		return true;
	for (size_t i = next_of(range, range->first); i < end;
	     i = next_of(range, i + 1)) {
		if (is_exact_seed(finder, section, i))
			return true;
		add_ways(closure, range, &section->insns[i]);
	}
	return false;
}

bool seeds_are_reached_exactly(const struct seeds *seeds, uint64_t va)
{
	struct closure closure = {.seeds = seeds};
	bool found;

	if (!seeds_range(seeds, va))
		return true;
	closure.todo = calloc(seeds->nr, sizeof(*closure.todo));
	closure.seen = calloc(seeds->nr, sizeof(*closure.seen));
	found = !closure.todo || !closure.seen;
	if (!found)
		add_range(&closure, va);
	while (!found && closure.nr_todo > 0)
		found = look_through(&closure,
				     &seeds->ranges[closure.todo[--closure.nr_todo]]);
	free(closure.todo);
	free(closure.seen);
	return found;
}

int seeds_find(struct seeds *ret, struct flow *flow)
{
	struct seeds seeds = {0};
	struct passages passages = {0};
	int r = finder_open(&seeds.finder, flow);

	if (r == 0)
		r = list_ranges(&seeds);
	for (size_t i = 0; r == 0 && i < seeds.nr; i++)
		r = read_range(&seeds, &passages, &seeds.ranges[i]);
	if (r == 0) {
		settle(&seeds, &passages);
		flow->hot_sections = find_given(&seeds.finder);
		*ret = seeds;
	} else {
		seeds_close(&seeds);
	}
	free(passages.array);
	return r;
}

void seeds_close(struct seeds *seeds)
{
	free(seeds->ranges);
	free(seeds->first_ranges);
	finder_close(&seeds->finder);
	memset(seeds, 0, sizeof(*seeds));
}
