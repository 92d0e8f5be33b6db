/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a function has nothing left to tell. */
#include "dataflow/prune.h"

#include "insn/expand.h"
#include "dataflow/interp.h"

/* A seed here, or the address of an object put into memory. */
static bool is_loud(const struct flow *flow, const struct seed_range *range, size_t i)
{
	const struct code_section *section = range->section;
	struct seed_range here = {0};
	struct code_site site = {.section = section, .i = i};
	struct insn scratch;

	if (!section_has(section->branches, i) && expand_op(section, i) == INSN_JMP)
		return true;
	if (!section_has(section->looks, i))
		return false;
	site.insn = expand_peek(section, i, &scratch);
	return seeds_has(&flow->seeds, &site, &here) || here.has_planted;
}

/* Is a seed reached where a branch goes? */
static bool leads_to_seed(const struct flow *flow, const struct seed_range *range,
			  uint64_t va)
{
	const struct seed_range *to;
	const struct code_section *section;
	size_t i;

	if (va >= range->va && va < range->end_va)
		return code_find(flow->code, va, &section, &i) && !quiet_is(section, i);
	to = seeds_range(&flow->seeds, va);
	return to && seeds_are_reached(to, flow->hot_sections);
}

static bool is_heard(const struct flow *flow, const struct seed_range *range, size_t i)
{
	const struct code_section *section = range->section;
	bool is_last = i + 1 == range->first + range->nr_insns;
	const struct code_edge *edge = NULL;
	struct code_branch branch;

	if (section->marks[i] & INSN_SITE)
		edge = code_edge_from(flow->code,
				      section->va + section->starts[i].offset);
	if (edge && leads_to_seed(flow, range, edge->to))
		return true;
	if (section_has(section->branches, i)) {
		expand_branch(section, i, &branch);
		if (branch.op != INSN_CALL && leads_to_seed(flow, range, branch.target))
			return true;
	}
	if (seeds_end(&flow->seeds, section, i) && !edge)
		return false;
	return is_last ? leads_to_seed(flow, range, range->end_va)
		       : !quiet_is(section, i + 1);
}

static void set_quiet(const struct code_section *section, size_t i, bool is_quiet)
{
	if (is_quiet)
		section_set(section->pruned, i);
	else
		section->pruned[i / 64] &= ~(1ULL << i % 64);
}

void quiet_mark(struct flow *flow, struct seed_range *range)
{
	const struct code_section *section = range->section;
	size_t first = range->first, end = first + range->nr_insns;
	bool has_variables = range->variables & flow->hot_sections, changed = true;

	if (range->is_marked && range->marked_for == flow->hot_sections)
		return;
	range->is_marked = true;
	range->marked_for = flow->hot_sections;
	for (size_t i = section_next_notable(section, first, end); i < end;
	     i = section_next_notable(section, i + 1, end))
		set_quiet(section, i, !has_variables && !is_loud(flow, range, i));
	while (changed && !has_variables) {
		size_t last = end, i;

		for (changed = false;
		     (i = section_last_notable(section, first, last)) != last; last = i)
			if (quiet_is(section, i) && is_heard(flow, range, i)) {
				set_quiet(section, i, false);
				changed = true;
			}
	}
}

static bool is_plain(const struct flow *flow, const struct value *value)
{
	if (value->flags & (VALUE_HOT | VALUE_TABLE | VALUE_CR0))
		return false;
	switch (value->kind) {
	case VALUE_TOP:
	case VALUE_LOW:
		return true;
	case VALUE_RESULT:
		return !flow->has_entries;
	case VALUE_EXACT:
		return !insn_is_address(value->n);
	case VALUE_NEAR: /* a base and something unknown: anywhere */
		return value->n == flow->landmarks->page_offset ||
		       value->n == flow->landmarks->vmemmap;
	default:
		return false;
	}
}

bool quiet_is_plain(const struct flow *flow, const struct state *state)
{
	if (state->bits & ~(STATE_CELLS_LOST | STATE_FORKED))
		return false;
	for (int i = 0; i < X86_NR_REGISTERS; i++)
		if (!is_plain(flow, &state->registers[i]))
			return false;
	for (size_t i = 0; i < state->nr_cells; i++)
		if (!is_plain(flow, &state->cells[i].value))
			return false;
	return true;
}
