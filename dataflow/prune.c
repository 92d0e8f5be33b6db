/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a function has nothing left to report. */
#include "dataflow/prune.h"

#include "insn/expand.h"

/* Is instruction @i a seed, or does it put the address of an object into memory? */
static bool has_news(const struct relevant *relevant, const struct function_range *range,
		     size_t i)
{
	const struct code_section *section = range->section;
	struct function_range here = {0};
	struct code_site site = {.section = section, .i = i};
	struct insn scratch;

	if (!section_has(section->branches, i) && expand_op(section, i) == INSN_JMP)
		return true;
	if (!section_has(section->looks, i))
		return false;
	site.insn = expand_peek(section, i, &scratch);
	return relevant_is_seed(relevant, &site, &here) || here.has_planted;
}

/* Is a seed reached where a branch goes? */
static bool leads_to_seed(const struct relevant *relevant,
			  const struct function_range *range, uint64_t va)
{
	const struct function_range *to;
	const struct code_section *section;
	size_t i;

	if (va >= range->va && va < range->end_va)
		return code_find(relevant->classifier.input->code, va, &section, &i) &&
		       !prune_has(section, i);
	to = relevant_range(relevant, va);
	return to && relevant_is(relevant, to);
}

/* Does control go on behind instruction @i to where a seed is reached? */
static bool goes_on(const struct relevant *relevant, const struct function_range *range,
		    size_t i)
{
	const struct code_section *section = range->section;
	bool is_last = i + 1 == range->first + range->nr_insns;
	const struct code_edge *edge = NULL;
	struct code_branch branch;

	if (section->marks[i] & INSN_SITE)
		edge = code_edge_from(relevant->classifier.input->code,
				      section->va + section->starts[i].offset);
	if (edge && leads_to_seed(relevant, range, edge->to))
		return true;
	if (section_has(section->branches, i)) {
		expand_branch(section, i, &branch);
		if (branch.op != INSN_CALL &&
		    leads_to_seed(relevant, range, branch.target))
			return true;
	}
	if (relevant_ends(relevant, section, i) && !edge)
		return false;
	return is_last ? leads_to_seed(relevant, range, range->end_va)
		       : !prune_has(section, i + 1);
}

static void set_pruned(const struct code_section *section, size_t i, bool is_pruned)
{
	if (is_pruned)
		section_set(section->pruned, i);
	else
		section->pruned[i / 64] &= ~(1ULL << i % 64);
}

void prune_mark(const struct relevant *relevant, struct function_range *range)
{
	const struct code_section *section = range->section;
	size_t first = range->first, end = first + range->nr_insns;
	bool has_variables = range->variables & relevant->hot_sections, changed = true;

	if (range->is_marked && range->marked_for == relevant->hot_sections)
		return;
	range->is_marked = true;
	range->marked_for = relevant->hot_sections;
	for (size_t i = section_next_notable(section, first, end); i < end;
	     i = section_next_notable(section, i + 1, end))
		set_pruned(section, i, !has_variables && !has_news(relevant, range, i));
	while (changed && !has_variables) {
		size_t last = end, i;

		for (changed = false;
		     (i = section_last_notable(section, first, last)) != last; last = i)
			if (prune_has(section, i) && goes_on(relevant, range, i)) {
				set_pruned(section, i, false);
				changed = true;
			}
	}
}

static bool is_plain(const struct landmarks *landmarks, const struct value *value,
		     bool has_entries)
{
	if (value->flags & (VALUE_HOT | VALUE_TABLE | VALUE_CR0))
		return false;
	switch (value->kind) {
	case VALUE_TOP:
	case VALUE_LOW:
		return true;
	case VALUE_RESULT:
		return !has_entries;
	case VALUE_EXACT:
		return !insn_is_address(value->n);
	case VALUE_NEAR: /* a base plus an unknown: anywhere */
		return value->n == landmarks->page_offset ||
		       value->n == landmarks->vmemmap;
	default:
		return false;
	}
}

bool prune_is_plain(const struct landmarks *landmarks, const struct state *state,
		    bool has_entries)
{
	if (state->bits & ~(STATE_CELLS_LOST | STATE_FORKED))
		return false;
	for (int i = 0; i < X86_NR_REGISTERS; i++)
		if (!is_plain(landmarks, &state->registers[i], has_entries))
			return false;
	for (size_t i = 0; i < state->nr_cells; i++)
		if (!is_plain(landmarks, &state->cells[i].value, has_entries))
			return false;
	return true;
}
