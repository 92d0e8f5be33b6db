/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions are worth interpreting. */
#include "dataflow/relevant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "insn/expand.h"
#include "kcore/array.h"
#include "dataflow/escape.h"

/* Control goes from one range into another: what is reached there is reached here, too.
 */
struct passage {
	size_t from, to;
};

struct passages {
	struct passage *array;
	size_t nr, room;
};

/* Is what is read at @va known, and does it lead to something special? */
static bool is_special_content(const struct classifier *classifier, uint64_t va,
			       uint8_t op)
{
	const struct input *input = classifier->input;
	uint64_t n;

	if (va == input->landmarks->phys_base)
		return true;
	if (modimage_read(input->mod, va, &n, sizeof(n)) < 0 &&
	    addrspace_read_sealed(input->space, va, &n, sizeof(n)) < 0)
		return false;
	/* A base taken off an unknown leaves an unknown. */
	return classify_address(classifier, n) >= CLASSIFY_ADDRESS_VARIABLE ||
	       (op != INSN_SUB &&
		(n == input->landmarks->page_offset || n == input->landmarks->vmemmap));
}

/* Are registers part of the operand's address? */
static bool is_indexed(const struct insn *insn)
{
	return insn->base != INSN_NO_REGISTER || insn->index != INSN_NO_REGISTER;
}

/* Does the instruction load from a variable that may hold something special, or have its
 * address?
 */
static bool is_hot_variable_seed(const struct classifier *classifier,
				 const struct code_site *site,
				 struct function_range *range)
{
	const struct insn *insn = site->insn;
	bool has_registers = is_indexed(insn);
	bool is_branch = insn->op == INSN_CALL || insn->op == INSN_JMP;
	uint64_t n;

	if (insn->op == INSN_LEA)
		return has_registers || address_escapes(classifier, site, ESCAPE_WRITABLE,
							&range->has_planted);
	if (!(insn->flags & INSN_READS) || insn->op == INSN_CMP ||
	    insn->op == INSN_TEST || (insn->width < 8 && !is_branch))
		return false;
	return has_registers ||
	       (modimage_read(classifier->input->mod, (uint64_t)insn->disp, &n,
			      sizeof(n)) == 0 &&
		classify_address(classifier, n) == CLASSIFY_ADDRESS_SPECIAL);
}

/* Is the instruction a seed by its memory operand, or by what lea makes of it? */
static bool is_memory_seed(const struct classifier *classifier,
			   const struct code_site *site, struct function_range *range)
{
	const struct insn *insn = site->insn;
	bool has_registers = is_indexed(insn);
	uint64_t va = (uint64_t)insn->disp;
	enum classify_address class;

	if (insn->flags & INSN_SEGMENT || !(va >> 63))
		return false;
	class = classify_address(classifier, va);
	if (class == CLASSIFY_ADDRESS_VARIABLE) {
		range->variables |= classify_section_bit(classifier, va);
		if (insn->flags & INSN_WRITES &&
		    modimage_kind_at(classifier->input->mod, va) ==
			    MODSECTION_RO_AFTER_INIT)
			return true;
		return classifier->special_sections &
			       classify_section_bit(classifier, va) &&
		       is_hot_variable_seed(classifier, site, range);
	}
	if (class == CLASSIFY_ADDRESS_PLAIN)
		return false;
	if (insn->op == INSN_LEA)
		return class == CLASSIFY_ADDRESS_SPECIAL || has_registers ||
		       address_escapes(classifier, site, ESCAPE_CONSTANT,
				       &range->has_planted);
	if (insn->flags & INSN_WRITES || classify_is_landmark(classifier->input, va))
		return true;
	if (insn->op == INSN_CALL || insn->op == INSN_JMP || insn->op == INSN_CMP ||
	    insn->op == INSN_TEST || insn->width < 8)
		return false;
	if (has_registers && class == CLASSIFY_ADDRESS_CONSTANT)
		return classifier->special_sections &
			       classify_section_bit(classifier, va) &&
		       address_escapes(classifier, site, ESCAPE_SEALED,
				       &range->has_planted);
	return has_registers || (is_special_content(classifier, va, insn->op) &&
				 !(insn->op == INSN_ADD && address_joins_unknown(site)));
}

static bool is_immediate_seed(const struct classifier *classifier,
			      const struct code_site *site, struct function_range *range)
{
	const struct insn *insn = site->insn;
	uint64_t va = (uint64_t)insn->imm;
	enum classify_address class;

	/* Compared constants and masks are no addresses. */
	if (!(va >> 63) || insn->op == INSN_CMP || insn->op == INSN_TEST ||
	    (insn->op == INSN_AND && !insn->imm_symbol))
		return false;
	class = classify_address(classifier, va);
	if (class == CLASSIFY_ADDRESS_VARIABLE) {
		range->variables |= classify_section_bit(classifier, va);
		return modimage_kind_at(classifier->input->mod, va) ==
			       MODSECTION_RO_AFTER_INIT ||
		       (classifier->special_sections &
				classify_section_bit(classifier, va) &&
			address_escapes(classifier, site, ESCAPE_WRITABLE,
					&range->has_planted));
	}
	if (class == CLASSIFY_ADDRESS_PLAIN)
		return false;
	return classify_is_landmark(classifier->input, va) ||
	       address_escapes(classifier, site,
			       class == CLASSIFY_ADDRESS_SPECIAL ? ESCAPE_SEALED
								 : ESCAPE_CONSTANT,
			       &range->has_planted);
}

static bool takes_stack_address(const struct insn *insn)
{
	return (insn->op == INSN_LEA && insn->base == X86_RSP && insn->dst != X86_RSP) ||
	       (insn->op == INSN_MOV && insn->src == X86_RSP);
}

bool relevant_is_seed(const struct relevant *relevant, const struct code_site *site,
		      struct function_range *range)
{
	const struct classifier *classifier = &relevant->classifier;
	const struct insn *insn = site->insn;
	bool has_memory = insn->flags & (INSN_READS | INSN_WRITES) ||
			  insn->op == INSN_LEA || insn->src == INSN_MEMORY ||
			  insn->dst == INSN_MEMORY;
	bool is_branch = insn->op == INSN_CALL || insn->op == INSN_JMP ||
			 insn->op == INSN_JCC;

	if (takes_stack_address(insn))
		range->has_stack_address = true;
	if (insn_is_control(insn->op))
		return true;
	if ((insn->op == INSN_CALL || insn->op == INSN_JMP) &&
	    classify_is_special_call(classifier, insn))
		return true;
	if (has_memory && is_memory_seed(classifier, site, range))
		return true;
	return insn->imm && !is_branch && is_immediate_seed(classifier, site, range);
}

const struct function_range *relevant_range(const struct relevant *relevant, uint64_t va)
{
	const struct code *code = relevant->classifier.input->code;
	const struct code_section *section = code_section_of(code, va);
	size_t first, nr;

	/* Code may have no function at all. */
	if (!section || !relevant->nr)
		return NULL;
	first = relevant->first_ranges[section - code->sections];
	nr = relevant->first_ranges[section - code->sections + 1] - first;
	nr = array_below(&relevant->ranges[first], nr, sizeof(*relevant->ranges),
			 offsetof(struct function_range, va), va + 1);
	return nr ? &relevant->ranges[first + nr - 1] : NULL;
}

static int add_passage(const struct relevant *relevant, struct passages *passages,
		       const struct function_range *from, uint64_t va)
{
	const struct function_range *to;

	if (va >= from->va && va < from->end_va)
		return 0;
	to = relevant_range(relevant, va);
	if (!to)
		return 0;
	if (array_reserve(&passages->array, passages->nr, &passages->room,
			  sizeof(*passages->array)) < 0)
		return -ENOMEM;
	passages->array[passages->nr++] = (struct passage){
		.from = (size_t)(from - relevant->ranges),
		.to = (size_t)(to - relevant->ranges)};
	return 0;
}

bool relevant_ends(const struct relevant *relevant, const struct code_section *section,
		   size_t i)
{
	enum insn_op op = expand_op(section, i);
	struct insn scratch;
	const struct insn *insn;

	if (op != INSN_CALL)
		return op == INSN_JMP || op == INSN_RET ||
		       (op == INSN_TRAP && !(section->marks[i] & INSN_WARN));
	insn = expand_peek(section, i, &scratch);
	return insn->src == INSN_IMMEDIATE &&
	       classify_symbol(&relevant->classifier, insn->imm_symbol)->call ==
		       CLASSIFY_NO_RETURN;
}

/* Lists the ranges of @section: each from where a function starts, the first from the
 * section's start.
 */
static int list_section(struct relevant *relevant, const struct code_section *section,
			size_t *room)
{
	for (size_t i = 0; i < section->nr_insns;
	     i = section_next(section->functions, i + 1, section->nr_insns)) {
		if (array_reserve(&relevant->ranges, relevant->nr, room,
				  sizeof(*relevant->ranges)) < 0)
			return -ENOMEM;
		relevant->ranges[relevant->nr++] = (struct function_range){
			.section = section,
			.first = i,
			.va = section->va + section->starts[i].offset};
	}
	return 0;
}

static int list_ranges(struct relevant *relevant)
{
	const struct code *code = relevant->classifier.input->code;
	size_t room = 0;
	int r = 0;

	relevant->first_ranges = calloc(code->nr_sections + 1,
					sizeof(*relevant->first_ranges));
	if (!relevant->first_ranges)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < code->nr_sections; i++) {
		r = list_section(relevant, &code->sections[i], &room);
		relevant->first_ranges[i + 1] = relevant->nr;
	}
	for (size_t i = relevant->nr; i-- > 0;) {
		struct function_range *range = &relevant->ranges[i];
		const struct code_section *section = range->section;
		bool has_next = i + 1 < relevant->nr && range[1].section == section;

		range->nr_insns = (has_next ? range[1].first : section->nr_insns) -
				  range->first;
		range->end_va = has_next ? range[1].va
					 : section->va + section->size_bytes;
	}
	return r;
}

/* Is the stack read by an address that @range takes of it, or is that address kept?
 * Mostly it is an argument of a function.
 */
static bool uses_stack_address(const struct relevant *relevant,
			       const struct function_range *range)
{
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	bool is_planted = false, is_used = false;
	struct insn scratch;

	for (size_t i = section_next(section->looks, range->first, end);
	     i < end && !is_used; i = section_next(section->looks, i + 1, end)) {
		const struct code_site site = {section, i,
					       expand_peek(section, i, &scratch)};

		is_used = takes_stack_address(site.insn) &&
			  (address_escapes(&relevant->classifier, &site,
					   ESCAPE_STACK | ESCAPE_WRITABLE, &is_planted) ||
			   is_planted);
	}
	return is_used;
}

/* Does control come to one of the instructions from number @i to @last from elsewhere? */
static bool is_entered(const struct code_section *section, size_t i, size_t last)
{
	for (; i <= last; i++)
		if (section->marks[i] & (INSN_LEADER | INSN_FUNCTION | INSN_ENTERED))
			return true;
	return false;
}

/* Does control come to instruction @i of the range? It does not if the function ends or
 * jumps before it, and nothing leads there.
 */
static bool is_alive(const struct relevant *relevant, const struct function_range *range,
		     size_t i)
{
	const struct code_section *section = range->section;

	for (;;) {
		size_t before = section_last_notable(section, range->first, i);

		if (before == i || is_entered(section, before + 1, i))
			return true;
		if (!(section->marks[before] & INSN_SITE) &&
		    relevant_ends(relevant, section, before))
			return false;
		i = before;
	}
}

/* Adds the branches out of the range. A jump to another function's start is a tail call
 * and is not one of them.
 */
static int follow_branches(const struct relevant *relevant, struct passages *passages,
			   const struct function_range *range)
{
	const struct code_section *section = range->section, *in;
	const struct code *code = relevant->classifier.input->code;
	const uint64_t *bits = code->has_unnamed ? section->branches : section->crossings;
	size_t end = range->first + range->nr_insns, target;
	int r = 0;

	for (size_t i = section_next(bits, range->first, end); r == 0 && i < end;
	     i = section_next(bits, i + 1, end)) {
		struct code_branch branch;

		expand_branch(section, i, &branch);
		if (branch.op != INSN_CALL &&
		    (branch.target < range->va || branch.target >= range->end_va) &&
		    code_find(code, branch.target, &in, &target) &&
		    !(branch.op == INSN_JMP && in->marks[target] & INSN_FUNCTION) &&
		    is_alive(relevant, range, i))
			r = add_passage(relevant, passages, range, branch.target);
	}
	return r;
}

/* Adds every way that control goes from the range without a call. */
static int follow(const struct relevant *relevant, struct passages *passages,
		  const struct function_range *range)
{
	const struct code_section *section = range->section, *in;
	const struct code *code = relevant->classifier.input->code;
	size_t last = range->first + range->nr_insns - 1;
	int r = follow_branches(relevant, passages, range);

	for (size_t i = code_first_edge(code, range->va);
	     r == 0 && i < code->nr_edges && code->edges[i].from < range->end_va; i++) {
		size_t number;

		if (code_find(code, code->edges[i].from, &in, &number) &&
		    is_alive(relevant, range, number))
			r = add_passage(relevant, passages, range, code->edges[i].to);
	}
	if (r < 0 || last + 1 == section->nr_insns)
		return r;
	if ((section->marks[last] & INSN_SITE ||
	     !relevant_ends(relevant, section, last)) &&
	    is_alive(relevant, range, last))
		r = add_passage(relevant, passages, range, range->end_va);
	return r;
}

static int read_range(struct relevant *relevant, struct passages *passages,
		      struct function_range *range)
{
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	struct insn scratch;

	for (size_t i = section_next(section->looks, range->first, end);
	     i < end && !range->has_seed; i = section_next(section->looks, i + 1, end)) {
		const struct code_site site = {section, i,
					       expand_peek(section, i, &scratch)};

		range->has_seed = relevant_is_seed(relevant, &site, range);
	}
	if (range->has_planted && range->has_stack_address && !range->has_seed)
		range->has_stack_address = uses_stack_address(relevant, range);
	return follow(relevant, passages, range);
}

/* Adds calls of functions that are known by name to the bitmap of looks. */
static void look_at_calls(const struct relevant *relevant,
			  const struct code_section *section)
{
	for (size_t i = 0; i < section->nr_fixups; i++) {
		const struct code_fixup *fixup = &section->fixups[i];
		size_t number;

		if (classify_symbol(&relevant->classifier, fixup->symbol)->call ==
			    CLASSIFY_SPECIAL &&
		    section_covers(section, fixup->offset, &number))
			section_set(section->looks, number);
	}
}

/* The sections of variables that this load's parameters set. */
static uint64_t find_given(const struct classifier *classifier)
{
	const struct parameters *parameters = classifier->input->parameters;
	uint64_t hot = 0;

	for (size_t i = 0; i < parameters->nr; i++)
		if (parameters->array[i].is_given)
			hot |= classify_section_bit(classifier,
						    parameters->array[i].target);
	return hot;
}

static void settle(const struct relevant *relevant, const struct passages *passages)
{
	struct function_range *ranges = relevant->ranges;
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < passages->nr; i++) {
			struct function_range *from = &ranges[passages->array[i].from];
			const struct function_range *to = &ranges[passages->array[i].to];

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

/* Is the instruction a seed to an exact root only? That follows its own arguments and
 * memory, which a look at one function takes as unknown.
 */
static bool is_exact_seed(const struct classifier *classifier,
			  const struct code_site *site)
{
	const struct insn *insn = site->insn;
	const struct modimage *mod = classifier->input->mod;
	bool has_registers = is_indexed(insn);
	bool has_memory = (insn->flags & INSN_READS || insn->op == INSN_LEA) &&
			  !(insn->flags & INSN_SEGMENT);
	bool is_branch = insn->op == INSN_CALL || insn->op == INSN_JMP ||
			 insn->op == INSN_JCC;
	enum classify_address class = CLASSIFY_ADDRESS_PLAIN;
	enum escape_kind kind = ESCAPE_EXACT;
	bool is_planted = false;
	uint64_t va = 0, n = 0;

	if (insn->op == INSN_CALL || insn->op == INSN_JMP) {
		if (insn->src == INSN_MEMORY)
			return has_registers ||
			       classify_address(classifier, (uint64_t)insn->disp) !=
				       CLASSIFY_ADDRESS_PLAIN;
		if (insn->src != INSN_IMMEDIATE)
			return true;
		return classify_symbol(classifier, insn->imm_symbol)->thunk <
		       X86_NR_REGISTERS;
	}
	if (has_memory &&
	    classify_address(classifier, (uint64_t)insn->disp) != CLASSIFY_ADDRESS_PLAIN)
		va = (uint64_t)insn->disp;
	else if (insn->src == INSN_IMMEDIATE && !is_branch)
		va = (uint64_t)insn->imm;
	class = classify_address(classifier, va);
	if (class == CLASSIFY_ADDRESS_PLAIN || insn->op == INSN_CMP ||
	    insn->op == INSN_TEST)
		return false;
	if (insn->op == INSN_LEA ? has_registers : va == (uint64_t)insn->disp)
		return insn->width >= 8 &&
		       (has_registers || modimage_read(mod, va, &n, sizeof(n)) < 0 ||
			classify_address(classifier, n) >= CLASSIFY_ADDRESS_VARIABLE);
	if (insn->op == INSN_AND && !insn->imm_symbol)
		return false;
	if (class == CLASSIFY_ADDRESS_SPECIAL)
		kind |= ESCAPE_SEALED;
	if (class == CLASSIFY_ADDRESS_VARIABLE &&
	    modimage_kind_at(mod, va) != MODSECTION_RO_AFTER_INIT)
		kind |= ESCAPE_WRITABLE;
	return address_escapes(classifier, site, kind, &is_planted);
}

/* The functions that an exact root comes to, calls included. */
struct closure {
	const struct relevant *relevant;
	size_t *todo, nr_todo; /* numbers of ranges */
	bool *seen;
};

static void add_range(struct closure *closure, uint64_t va)
{
	const struct code *code = closure->relevant->classifier.input->code;
	const struct code_section *section;
	size_t i;
	const struct function_range *range = relevant_range(closure->relevant, va);
	size_t number = range ? (size_t)(range - closure->relevant->ranges) : 0;

	if (!range || closure->seen[number] || !code_find(code, va, &section, &i))
		return;
	closure->seen[number] = true;
	closure->todo[closure->nr_todo++] = number;
}

/* Adds the functions that control goes to from instruction @i of @range. */
static void add_ways(struct closure *closure, const struct function_range *range,
		     size_t i, const struct insn *insn)
{
	const struct classifier *classifier = &closure->relevant->classifier;
	uint64_t va = section_va(range->section, insn);
	const struct code_edge *edge = NULL;

	if (insn->flags & INSN_SITE)
		edge = code_edge_from(classifier->input->code, va);
	if (edge)
		add_range(closure, edge->to);
	if (insn->src == INSN_IMMEDIATE &&
	    (insn->op == INSN_CALL || insn->op == INSN_JMP || insn->op == INSN_JCC))
		add_range(closure, (uint64_t)insn->imm);
	if (i + 1 == range->first + range->nr_insns && i + 1 < range->section->nr_insns &&
	    (!relevant_ends(closure->relevant, range->section, i) || edge))
		add_range(closure, range->end_va);
}

/* Is there a seed in the range? If not, the ranges that it leads to are added. */
static bool look_through(struct closure *closure, const struct function_range *range)
{
	const struct classifier *classifier = &closure->relevant->classifier;
	const struct code_section *section = range->section;
	size_t end = range->first + range->nr_insns;
	struct insn scratch;

	if (range->has_seed || range->has_planted ||
	    range->variables & closure->relevant->hot_sections)
		return true;
	for (size_t i = section_next_notable(section, range->first, end); i < end;
	     i = section_next_notable(section, i + 1, end)) {
		const struct code_site site = {section, i,
					       expand_peek(section, i, &scratch)};

		if (is_exact_seed(classifier, &site))
			return true;
		add_ways(closure, range, i, site.insn);
	}
	return false;
}

bool relevant_is_root(const struct relevant *relevant, uint64_t va)
{
	struct closure closure = {.relevant = relevant};
	bool found;

	if (!relevant_range(relevant, va))
		return true;
	closure.todo = calloc(relevant->nr, sizeof(*closure.todo));
	closure.seen = calloc(relevant->nr, sizeof(*closure.seen));
	found = !closure.todo || !closure.seen;
	if (!found)
		add_range(&closure, va);
	while (!found && closure.nr_todo > 0)
		found = look_through(&closure,
				     &relevant->ranges[closure.todo[--closure.nr_todo]]);
	free(closure.todo);
	free(closure.seen);
	return found;
}

int relevant_open(struct relevant *ret, const struct input *input)
{
	struct relevant relevant = {0};
	struct passages passages = {0};
	int r = classify_open(&relevant.classifier, input);

	if (r == 0)
		r = list_ranges(&relevant);
	for (size_t i = 0; r == 0 && i < input->code->nr_sections; i++)
		look_at_calls(&relevant, &input->code->sections[i]);
	for (size_t i = 0; r == 0 && i < relevant.nr; i++)
		r = read_range(&relevant, &passages, &relevant.ranges[i]);
	if (r == 0) {
		settle(&relevant, &passages);
		relevant.hot_sections = find_given(&relevant.classifier);
		*ret = relevant;
	} else {
		relevant_close(&relevant);
	}
	free(passages.array);
	return r;
}

void relevant_add_variable(struct relevant *relevant, uint64_t va)
{
	relevant->hot_sections |= classify_section_bit(&relevant->classifier, va);
}

void relevant_close(struct relevant *relevant)
{
	free(relevant->ranges);
	free(relevant->first_ranges);
	classify_close(&relevant->classifier);
	memset(relevant, 0, sizeof(*relevant));
}
