/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a function has nothing left to tell. */
#include "module/quiet.h"

#include "module/frame.h"

/* A seed here, or the address of an object put into memory. */
static bool is_loud(const struct flow *flow, const struct seed_range *range, size_t i)
{
	const struct insn *insn = &range->section->insns[i];
	struct seed_range here = {0};

	return (insn->op == CODE_JMP && insn->src != CODE_IMMEDIATE) ||
	       seeds_has(&flow->seeds, range->section, i, &here) || here.has_planted;
}

/* Is a seed reached where a branch out of the range goes? */
static bool leads_to_seed(const struct flow *flow, const struct seed_range *range,
			  uint64_t va)
{
	const struct seed_range *to;
	const struct code_section *section;
	const struct insn *insn;

	if (va >= range->va && va < range->end_va) {
		insn = code_at(flow->code, va, &section);
		return insn && !insn->is_quiet;
	}
	to = seeds_range(&flow->seeds, va);
	return to && seeds_are_reached(to, flow->hot_sections);
}

static bool is_heard(const struct flow *flow, const struct seed_range *range, size_t i)
{
	const struct insn *insn = &range->section->insns[i];
	uint64_t va = code_va(range->section, insn);
	bool is_last = i + 1 == range->first + range->nr_insns;
	const struct code_edge *edge = NULL;

	if (insn->flags & CODE_SITE)
		edge = code_edge_from(flow->code, va);
	if (edge && leads_to_seed(flow, range, edge->to))
		return true;
	if ((insn->op == CODE_JMP || insn->op == CODE_JCC) &&
	    insn->src == CODE_IMMEDIATE &&
	    leads_to_seed(flow, range, (uint64_t)insn->imm))
		return true;
	if (seeds_end(&flow->seeds, insn) && !edge)
		return false;
	return is_last ? leads_to_seed(flow, range, range->end_va) : !insn[1].is_quiet;
}

void quiet_mark(struct flow *flow, struct seed_range *range)
{
	struct insn *insns = range->section->insns;
	size_t first = range->first, end = first + range->nr_insns;
	bool has_variables = range->variables & flow->hot_sections, changed = true;

	if (range->is_marked && range->marked_for == flow->hot_sections)
		return;
	range->is_marked = true;
	range->marked_for = flow->hot_sections;
	for (size_t i = first; i < end; i++)
		insns[i].is_quiet = !has_variables && !is_loud(flow, range, i);
	while (changed) {
		changed = false;
		for (size_t i = end; i-- > first;)
			if (insns[i].is_quiet && is_heard(flow, range, i)) {
				insns[i].is_quiet = false;
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
		return !code_is_address(value->n);
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
	for (int i = 0; i < CODE_NR_REGISTERS; i++)
		if (!is_plain(flow, &state->registers[i]))
			return false;
	for (size_t i = 0; i < state->nr_cells; i++)
		if (!is_plain(flow, &state->cells[i].value))
			return false;
	return true;
}
