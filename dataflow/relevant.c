/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions could do anything worth following. */
#include "dataflow/relevant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "insn/expand.h"
#include "dataflow/interp.h"
#include "dataflow/escape.h"

/* From one range into another: whatever is reached there is reached here. */
struct passage {
	size_t from, to;
};

struct passages {
	struct passage *array;
	size_t nr, room;
};

/* What is read there, if it is known: does it lead to something special? */
static bool is_special_content(const struct classifier *classifier, uint64_t va,
			       uint8_t op)
{
	struct flow *flow = classifier->flow;
	uint64_t n;

	if (va == flow->landmarks->phys_base)
		return true;
	if (modimage_read(flow->space->mod, va, &n, sizeof(n)) < 0 &&
	    addrspace_read_sealed(flow->space, va, &n, sizeof(n)) < 0)
		return false;
	/* Taken off what is not known, a base leaves nothing known. */
	return classify_callee(classifier, n) >= CLASSIFY_ADDRESS_VARIABLE ||
	       (op != CODE_SUB &&
		(n == flow->landmarks->page_offset || n == flow->landmarks->vmemmap));
}

/* Registers are part of the operand's address. */
static bool is_indexed(const struct insn *insn)
{
	return insn->base != CODE_NO_REGISTER || insn->index != CODE_NO_REGISTER;
}

/* A variable's address, or a load from it: something special may be read there. */
static bool is_hot_variable_seed(const struct classifier *classifier,
				 const struct code_site *site, struct seed_range *range)
{
	const struct insn *insn = site->insn;
	bool has_registers = is_indexed(insn);
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP;
	uint64_t n;

	if (insn->op == CODE_LEA)
		return has_registers ||
		       !trail_is_harmless(classifier, site, TRAIL_WRITABLE,
					  &range->has_planted);
	if (!(insn->flags & CODE_READS) || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || (insn->width < 8 && !is_branch))
		return false;
	return has_registers ||
	       (modimage_read(classifier->flow->space->mod, (uint64_t)insn->disp, &n,
			      sizeof(n)) == 0 &&
		classify_callee(classifier, n) == CLASSIFY_ADDRESS_SPECIAL);
}

/* The memory operand, or what lea makes of it. */
static bool is_memory_seed(const struct classifier *classifier,
			   const struct code_site *site, struct seed_range *range)
{
	const struct insn *insn = site->insn;
	bool has_registers = is_indexed(insn);
	uint64_t va = (uint64_t)insn->disp;
	enum classify_address class;

	if (insn->flags & CODE_SEGMENT || !(va >> 63))
		return false;
	class = classify_callee(classifier, va);
	if (class == CLASSIFY_ADDRESS_VARIABLE) {
		range->variables |= classify_section_bit(classifier, va);
		if (insn->flags & CODE_WRITES &&
		    modimage_kind_at(classifier->flow->space->mod, va) ==
			    MODSECTION_RO_AFTER_INIT)
			return true;
		return classifier->hot_sections & classify_section_bit(classifier, va) &&
		       is_hot_variable_seed(classifier, site, range);
	}
	if (class == CLASSIFY_ADDRESS_PLAIN)
		return false;
	if (insn->op == CODE_LEA)
		return class == CLASSIFY_ADDRESS_SPECIAL || has_registers ||
		       !trail_is_harmless(classifier, site, TRAIL_CONSTANT,
					  &range->has_planted);
	if (insn->flags & CODE_WRITES || classify_is_landmark(classifier->flow, va))
		return true;
	if (insn->op == CODE_CALL || insn->op == CODE_JMP || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST || insn->width < 8)
		return false;
	if (has_registers && class == CLASSIFY_ADDRESS_CONSTANT)
		return classifier->hot_sections & classify_section_bit(classifier, va) &&
		       !trail_is_harmless(classifier, site, TRAIL_SEALED,
					  &range->has_planted);
	return has_registers || (is_special_content(classifier, va, insn->op) &&
				 !(insn->op == CODE_ADD && trail_begins_unknown(site)));
}

static bool is_immediate_seed(const struct classifier *classifier,
			      const struct code_site *site, struct seed_range *range)
{
	const struct insn *insn = site->insn;
	uint64_t va = (uint64_t)insn->imm;
	enum classify_address class;

	/* A mask is no address. */
	if (!(va >> 63) || insn->op == CODE_CMP || insn->op == CODE_TEST ||
	    (insn->op == CODE_AND && !insn->imm_symbol))
		return false;
	class = classify_callee(classifier, va);
	if (class == CLASSIFY_ADDRESS_VARIABLE) {
		range->variables |= classify_section_bit(classifier, va);
		return modimage_kind_at(classifier->flow->space->mod, va) ==
			       MODSECTION_RO_AFTER_INIT ||
		       (classifier->hot_sections & classify_section_bit(classifier, va) &&
			!trail_is_harmless(classifier, site, TRAIL_WRITABLE,
					   &range->has_planted));
	}
	if (class == CLASSIFY_ADDRESS_PLAIN)
		return false;
	return classify_is_landmark(classifier->flow, va) ||
	       !trail_is_harmless(classifier, site,
				  class == CLASSIFY_ADDRESS_SPECIAL ? TRAIL_SEALED
								    : TRAIL_CONSTANT,
				  &range->has_planted);
}

static bool takes_stack_address(const struct insn *insn)
{
	return (insn->op == CODE_LEA && insn->base == CODE_RSP &&
		insn->dst != CODE_RSP) ||
	       (insn->op == CODE_MOV && insn->src == CODE_RSP);
}

bool seeds_has(const struct seeds *seeds, const struct code_site *site,
	       struct seed_range *range)
{
	const struct classifier *classifier = &seeds->classifier;
	const struct insn *insn = site->insn;
	bool has_memory = insn->flags & (CODE_READS | CODE_WRITES) ||
			  insn->op == CODE_LEA || insn->src == CODE_MEMORY ||
			  insn->dst == CODE_MEMORY;
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP ||
			 insn->op == CODE_JCC;

	if (takes_stack_address(insn))
		range->has_stack_address = true;
	if (code_is_control(insn->op))
		return true;
	if ((insn->op == CODE_CALL || insn->op == CODE_JMP) &&
	    classify_is_special_call(classifier, insn))
		return true;
	if (has_memory && is_memory_seed(classifier, site, range))
		return true;
	return insn->imm && !is_branch && is_immediate_seed(classifier, site, range);
}

const struct seed_range *seeds_range(const struct seeds *seeds, uint64_t va)
{
	const struct code *code = seeds->classifier.flow->code;
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

bool seeds_end(const struct seeds *seeds, const struct code_section *section, size_t i)
{
	enum code_op op = expand_op(section, i);
	struct insn scratch;
	const struct insn *insn;

	if (op != CODE_CALL)
		return op == CODE_JMP || op == CODE_RET ||
		       (op == CODE_TRAP && !(section->marks[i] & CODE_WARN));
	insn = code_peek(section, i, &scratch);
	return insn->src == CODE_IMMEDIATE &&
	       classify_symbol(&seeds->classifier, insn->imm_symbol)->call ==
		       CLASSIFY_NO_RETURN;
}

/* From where a function starts; the section's start is one, too. */
static int list_section(struct seeds *seeds, const struct code_section *section,
			size_t *room)
{
	for (size_t i = 0; i < section->nr_insns;
	     i = code_next(section->functions, i + 1, section->nr_insns)) {
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
			.va = section->va + section->starts[i].offset};
	}
	return 0;
}

static int list_ranges(struct seeds *seeds)
{
	const struct code *code = seeds->classifier.flow->code;
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

/* Is the stack read by its address, or that kept? Mostly a function gets it. */
static bool uses_stack_address(const struct seeds *seeds, const struct seed_range *range)
{
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	bool is_planted = false, is_used = false;
	struct insn scratch;

	for (size_t i = code_next(section->looks, range->first, end); i < end && !is_used;
	     i = code_next(section->looks, i + 1, end)) {
		const struct code_site site = {section, i,
					       code_peek(section, i, &scratch)};

		is_used = takes_stack_address(site.insn) &&
			  (!trail_is_harmless(&seeds->classifier, &site,
					      TRAIL_STACK | TRAIL_WRITABLE,
					      &is_planted) ||
			   is_planted);
	}
	return is_used;
}

/* Does control come to one of the instructions from number @i to @last from elsewhere? */
static bool is_entered(const struct code_section *section, size_t i, size_t last)
{
	for (; i <= last; i++)
		if (section->marks[i] & (CODE_LEADER | CODE_FUNCTION | CODE_ENTERED))
			return true;
	return false;
}

/* Does control come to instruction @i of the range? Not, if it lies behind the end of the
 * function, or a jump, and nothing leads there.
 */
static bool is_alive(const struct seeds *seeds, const struct seed_range *range, size_t i)
{
	const struct code_section *section = range->section;

	for (;;) {
		size_t before = code_last_notable(section, range->first, i);

		if (before == i || is_entered(section, before + 1, i))
			return true;
		if (!(section->marks[before] & CODE_SITE) &&
		    seeds_end(seeds, section, before))
			return false;
		i = before;
	}
}

/* Jumps and branches out of the range, other than to another function's start. */
static int follow_branches(const struct seeds *seeds, struct passages *passages,
			   const struct seed_range *range)
{
	const struct code_section *section = range->section, *in;
	const struct code *code = seeds->classifier.flow->code;
	const uint64_t *bits = code->has_unnamed ? section->branches : section->crossings;
	size_t end = range->first + range->nr_insns, target;
	int r = 0;

	for (size_t i = code_next(bits, range->first, end); r == 0 && i < end;
	     i = code_next(bits, i + 1, end)) {
		struct code_branch branch;

		expand_branch(section, i, &branch);
		if (branch.op != CODE_CALL &&
		    (branch.target < range->va || branch.target >= range->end_va) &&
		    code_find(code, branch.target, &in, &target) &&
		    !(branch.op == CODE_JMP && in->marks[target] & CODE_FUNCTION) &&
		    is_alive(seeds, range, i))
			r = add_passage(seeds, passages, range, branch.target);
	}
	return r;
}

/* Where control goes from the range without a call. */
static int follow(const struct seeds *seeds, struct passages *passages,
		  const struct seed_range *range)
{
	const struct code_section *section = range->section, *in;
	const struct code *code = seeds->classifier.flow->code;
	size_t last = range->first + range->nr_insns - 1;
	int r = follow_branches(seeds, passages, range);

	for (size_t i = code_first_edge(code, range->va);
	     r == 0 && i < code->nr_edges && code->edges[i].from < range->end_va; i++) {
		size_t number;

		if (code_find(code, code->edges[i].from, &in, &number) &&
		    is_alive(seeds, range, number))
			r = add_passage(seeds, passages, range, code->edges[i].to);
	}
	if (r < 0 || last + 1 == section->nr_insns)
		return r;
	if ((section->marks[last] & CODE_SITE || !seeds_end(seeds, section, last)) &&
	    is_alive(seeds, range, last))
		r = add_passage(seeds, passages, range, range->end_va);
	return r;
}

static int read_range(struct seeds *seeds, struct passages *passages,
		      struct seed_range *range)
{
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	struct insn scratch;

	for (size_t i = code_next(section->looks, range->first, end);
	     i < end && !range->has_seed; i = code_next(section->looks, i + 1, end)) {
		const struct code_site site = {section, i,
					       code_peek(section, i, &scratch)};

		range->has_seed = seeds_has(seeds, &site, range);
	}
	if (range->has_planted && range->has_stack_address && !range->has_seed)
		range->has_stack_address = uses_stack_address(seeds, range);
	return follow(seeds, passages, range);
}

/* Calls of what is known by its name are worth a look. */
static void look_at_calls(const struct seeds *seeds, const struct code_section *section)
{
	for (size_t i = 0; i < section->nr_fixups; i++) {
		const struct code_fixup *fixup = &section->fixups[i];
		size_t number;

		if (classify_symbol(&seeds->classifier, fixup->symbol)->call ==
			    CLASSIFY_SPECIAL &&
		    code_covers(section, fixup->offset, &number))
			code_set(section->looks, number);
	}
}

/* Sections of variables that this load's parameters set. */
static uint64_t find_given(const struct classifier *classifier)
{
	const struct parameters *parameters = classifier->flow->parameters;
	uint64_t hot = 0;

	for (size_t i = 0; i < parameters->nr; i++)
		if (parameters->array[i].is_given)
			hot |= classify_section_bit(classifier,
						    parameters->array[i].target);
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
static bool is_exact_seed(const struct classifier *classifier,
			  const struct code_site *site)
{
	const struct insn *insn = site->insn;
	const struct modimage *mod = classifier->flow->space->mod;
	bool has_registers = is_indexed(insn);
	bool has_memory = (insn->flags & CODE_READS || insn->op == CODE_LEA) &&
			  !(insn->flags & CODE_SEGMENT);
	bool is_branch = insn->op == CODE_CALL || insn->op == CODE_JMP ||
			 insn->op == CODE_JCC;
	enum classify_address class = CLASSIFY_ADDRESS_PLAIN;
	enum trail_kind kind = TRAIL_EXACT;
	bool is_planted = false;
	uint64_t va = 0, n = 0;

	if (insn->op == CODE_CALL || insn->op == CODE_JMP) {
		if (insn->src == CODE_MEMORY)
			return has_registers ||
			       classify_callee(classifier, (uint64_t)insn->disp) !=
				       CLASSIFY_ADDRESS_PLAIN;
		if (insn->src != CODE_IMMEDIATE)
			return true;
		return classify_symbol(classifier, insn->imm_symbol)->thunk <
		       CODE_NR_REGISTERS;
	}
	if (has_memory &&
	    classify_callee(classifier, (uint64_t)insn->disp) != CLASSIFY_ADDRESS_PLAIN)
		va = (uint64_t)insn->disp;
	else if (insn->src == CODE_IMMEDIATE && !is_branch)
		va = (uint64_t)insn->imm;
	class = classify_callee(classifier, va);
	if (class == CLASSIFY_ADDRESS_PLAIN || insn->op == CODE_CMP ||
	    insn->op == CODE_TEST)
		return false;
	if (insn->op == CODE_LEA ? has_registers : va == (uint64_t)insn->disp)
		return insn->width >= 8 &&
		       (has_registers || modimage_read(mod, va, &n, sizeof(n)) < 0 ||
			classify_callee(classifier, n) >= CLASSIFY_ADDRESS_VARIABLE);
	if (insn->op == CODE_AND && !insn->imm_symbol)
		return false;
	if (class == CLASSIFY_ADDRESS_SPECIAL)
		kind |= TRAIL_SEALED;
	if (class == CLASSIFY_ADDRESS_VARIABLE &&
	    modimage_kind_at(mod, va) != MODSECTION_RO_AFTER_INIT)
		kind |= TRAIL_WRITABLE;
	return !trail_is_harmless(classifier, site, kind, &is_planted);
}

/* The functions that an exact root comes to, calls included. */
struct closure {
	const struct seeds *seeds;
	size_t *todo, nr_todo; /* numbers of ranges */
	bool *seen;
};

static void add_range(struct closure *closure, uint64_t va)
{
	const struct code *code = closure->seeds->classifier.flow->code;
	const struct code_section *section;
	size_t i;
	const struct seed_range *range = seeds_range(closure->seeds, va);
	size_t number = range ? (size_t)(range - closure->seeds->ranges) : 0;

	if (!range || closure->seen[number] || !code_find(code, va, &section, &i))
		return;
	closure->seen[number] = true;
	closure->todo[closure->nr_todo++] = number;
}

/* Where control goes from one instruction of @range, but for the next one of it. */
static void add_ways(struct closure *closure, const struct seed_range *range, size_t i,
		     const struct insn *insn)
{
	const struct classifier *classifier = &closure->seeds->classifier;
	uint64_t va = code_va(range->section, insn);
	const struct code_edge *edge = NULL;

	if (insn->flags & CODE_SITE)
		edge = code_edge_from(classifier->flow->code, va);
	if (edge)
		add_range(closure, edge->to);
	if (insn->src == CODE_IMMEDIATE &&
	    (insn->op == CODE_CALL || insn->op == CODE_JMP || insn->op == CODE_JCC))
		add_range(closure, (uint64_t)insn->imm);
	if (i + 1 == range->first + range->nr_insns && i + 1 < range->section->nr_insns &&
	    (!seeds_end(closure->seeds, range->section, i) || edge))
		add_range(closure, range->end_va);
}

/* Is there a seed in the range? Adds those that are reached from it. */
static bool look_through(struct closure *closure, const struct seed_range *range)
{
	const struct classifier *classifier = &closure->seeds->classifier;
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	struct insn scratch;

	if (range->has_seed || range->has_planted ||
	    range->variables & classifier->flow->hot_sections)
		return true;
	for (size_t i = code_next_notable(section, range->first, end); i < end;
	     i = code_next_notable(section, i + 1, end)) {
		const struct code_site site = {section, i,
					       code_peek(section, i, &scratch)};

		if (is_exact_seed(classifier, &site))
			return true;
		add_ways(closure, range, i, site.insn);
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
	int r = classify_open(&seeds.classifier, flow);

	if (r == 0)
		r = list_ranges(&seeds);
	for (size_t i = 0; r == 0 && i < flow->code->nr_sections; i++)
		look_at_calls(&seeds, &flow->code->sections[i]);
	for (size_t i = 0; r == 0 && i < seeds.nr; i++)
		r = read_range(&seeds, &passages, &seeds.ranges[i]);
	if (r == 0) {
		settle(&seeds, &passages);
		flow->hot_sections = find_given(&seeds.classifier);
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
	classify_close(&seeds->classifier);
	memset(seeds, 0, sizeof(*seeds));
}
