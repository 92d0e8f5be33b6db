/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a module's code writes: what to interpret, from where, and in which order. */
#include "module/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "module/frame.h"

/* Instructions interpreted from one root. Distribution modules need a fraction: the
 * largest functions of theirs have some 20,000.
 */
enum { MAX_COARSE_STEPS = 2 * 1000 * 1000 };

struct attempt {
	unsigned max_states, max_depth; /* of calls that are gone into */
	size_t max_steps;
};

/* A root is tried in these ways, one after the other, until it is done within the bound:
 * with ever fewer states kept apart, and so with less known. All but a few of 16,365
 * modules are done with the first. Without steps: the end.
 */
static const struct attempt attempts[] = {
	{FRAME_MAX_STATES, 10, 10 * 1000}, {4, 10, 30 * 1000}, {1, 4, 400 * 1000}, {0}};
/* Where parameters are given, what init makes of them is worth being followed further:
 * aic79xx takes more than 50,000 steps to read its own.
 */
static const struct attempt patient_attempts[] = {{FRAME_MAX_STATES, 10, 100 * 1000},
						  {8, 10, 200 * 1000},
						  {2, 10, 200 * 1000},
						  {1, 4, 400 * 1000},
						  {0}};
/* Rounds over all functions until nothing new is stored in the module's variables. */
enum { MAX_ROUNDS = 3 };

/* With CONFIG_PARAVIRT_XXL entries are written through pointers. */
static void find_paravirt(struct flow *flow)
{
	struct kernel *kernel = flow->space->kernel;
	uint32_t mmu, set_pte, set_pmd;
	uint64_t pv_ops;

	if (!symbols_address(&kernel->symbols, "pv_ops", &pv_ops) ||
	    types_offset(&kernel->types, "paravirt_patch_template", "mmu", &mmu) < 0 ||
	    types_offset(&kernel->types, "pv_mmu_ops", "set_pte", &set_pte) < 0 ||
	    types_offset(&kernel->types, "pv_mmu_ops", "set_pmd", &set_pmd) < 0)
		return;
	flow->pv_set_pte = pv_ops + mmu + set_pte;
	flow->pv_set_pmd = pv_ops + mmu + set_pmd;
}

static void find_landmarks(struct flow *flow)
{
	struct kernel *kernel = flow->space->kernel;
	uint64_t va, init_mm;
	uint32_t offset;

	symbols_address(&kernel->symbols, "phys_base", &flow->phys_base);
	symbols_address(&kernel->symbols, "kernel_set_to_readonly", &flow->ro_flag);
	if (symbols_address(&kernel->symbols, "init_mm", &init_mm) &&
	    types_offset(&kernel->types, "mm_struct", "pgd", &offset) == 0)
		flow->init_mm_pgd = init_mm + offset;
	find_paravirt(flow);
	if (types_offset(&kernel->types, "kprobe", "symbol_name", &offset) == 0)
		flow->kprobe_name = offset;
	if (types_offset(&kernel->types, "kprobe", "addr", &offset) == 0)
		flow->kprobe_address = offset;
	types_size(&kernel->types, "page", &flow->page_bytes);
	if (symbols_address(&kernel->symbols, "page_offset_base", &va))
		kernel_read(kernel, va, &flow->page_offset, sizeof(flow->page_offset));
	if (symbols_address(&kernel->symbols, "vmemmap_base", &va))
		kernel_read(kernel, va, &flow->vmemmap, sizeof(flow->vmemmap));
}

static struct state *new_state(struct flow *flow)
{
	struct state *state = arena_take(&flow->arena, state_bytes(STATE_MAX_CELLS));

	if (!state) {
		flow->has_failed = true;
		return NULL;
	}
	state->room = STATE_MAX_CELLS;
	state->registers[CODE_RSP] = value_exact(VALUE_STACK);
	return state;
}

/* Interprets from one root; where that takes too long, once more with fewer states kept
 * apart, and so with less known.
 */
static void run_root(struct flow *flow, enum flow_root root, uint64_t entry,
		     struct state *state)
{
	const struct attempt *attempt = flow->attempts;
	struct state *exits[8];

	flow->root = root;
	for (; attempt->max_steps; attempt++) {
		struct arena_mark mark = arena_mark(&flow->arena);

		flow->nr_steps = 0;
		flow->was_bounded = false;
		flow->max_steps = root == FLOW_ANY ? MAX_COARSE_STEPS
						   : attempt->max_steps;
		flow->max_states = attempt->max_states;
		flow->max_depth = attempt->max_depth;
		flow->next_heap = FRAME_HEAP;
		frame_run(flow, NULL, entry, root != FLOW_ANY, state, exits);
		flow->result->nr_steps += flow->nr_steps;
		arena_release(&flow->arena, mark);
		if (!flow->was_bounded || root == FLOW_ANY)
			break;
	}
	if (flow->was_bounded)
		flow->result->was_bounded = true;
}

static void run_entry(struct flow *flow, enum flow_root root, uint64_t entry)
{
	struct arena_mark mark = arena_mark(&flow->arena);
	struct state *state = new_state(flow);

	if (state)
		run_root(flow, root, entry, state);
	arena_release(&flow->arena, mark);
}

/* A handler is called as set(const char *value, const struct kernel_param *). */
static void run_handler(struct flow *flow, const struct parameter *parameter)
{
	struct arena_mark mark = arena_mark(&flow->arena);
	struct state *state = new_state(flow);

	flow->parameter = parameter;
	if (state) {
		state->registers[CODE_RSI] = value_exact(parameter->entry);
		run_root(flow, FLOW_PARAMETER, parameter->handler, state);
	}
	flow->parameter = NULL;
	arena_release(&flow->arena, mark);
}

static void run_roots(struct flow *flow)
{
	const struct place *place = flow->space->place;
	struct types *types = &flow->space->kernel->types;
	uint32_t init = 0, exit = 0;
	uint64_t entry;

	types_offset(types, "module", "init", &init);
	types_offset(types, "module", "exit", &exit);
	for (size_t i = 0; i < flow->parameters->nr; i++)
		if (flow->parameters->array[i].handler)
			run_handler(flow, &flow->parameters->array[i]);
	if (place_entry(place, false, init, &entry) == 0 &&
	    seeds_are_reached_exactly(&flow->seeds, entry))
		run_entry(flow, FLOW_INIT, entry);
	if (place_entry(place, true, exit, &entry) == 0 &&
	    seeds_are_reached_exactly(&flow->seeds, entry))
		run_entry(flow, FLOW_EXIT, entry);
}

/* Nothing but padding up to the next function (__pfx_ and its like): that is interpreted
 * for itself.
 */
static bool is_padding(const struct code_section *section, size_t i)
{
	for (size_t j = i; j < section->nr_insns; j++) {
		const struct insn *insn = &section->insns[j];

		if (j > i && insn->flags & CODE_FUNCTION)
			return true;
		if (insn->op != CODE_OTHER || insn->clobbers ||
		    insn->flags & (CODE_READS | CODE_WRITES | CODE_SITE))
			return false;
	}
	return false;
}

static void run_functions(struct flow *flow)
{
	for (size_t i = 0; i < flow->seeds.nr; i++) {
		const struct seed_range *range = &flow->seeds.ranges[i];
		const struct code_section *section = range->section;

		if (!seeds_are_reached(range, flow->hot_sections))
			continue;
		for (size_t j = range->first;
		     j < range->first + range->nr_insns && !flow->has_failed; j++) {
			const struct insn *insn = &section->insns[j];

			if (insn->flags & (CODE_FUNCTION | CODE_ENTERED) &&
			    !is_padding(section, j))
				run_entry(flow, FLOW_ANY, code_va(section, insn));
		}
	}
}

/* Code that nothing was seen to go to (a jump table that is computed, a section without
 * symbols): its direct stores are found without a way there. Padding is among it.
 */
static void run_leftovers(struct flow *flow)
{
	for (size_t i = 0; i < flow->seeds.nr; i++) {
		const struct seed_range *range = &flow->seeds.ranges[i];
		const struct code_section *section = range->section;

		if (!seeds_are_reached(range, flow->hot_sections))
			continue;
		for (size_t j = range->first;
		     j < range->first + range->nr_insns && !flow->has_failed; j++) {
			const struct insn *insn = &section->insns[j];

			if (!(insn->flags & CODE_VISITED) &&
			    (insn->flags & CODE_WRITES || insn->op == CODE_TO_CR0))
				run_entry(flow, FLOW_ANY, code_va(section, insn));
		}
	}
}

int flow_run(struct flow_events *ret, struct space *space, struct code *code,
	     const struct parameters *parameters)
{
	struct flow *flow = calloc(1, sizeof(*flow));
	bool has_failed;

	*ret = (struct flow_events){0};
	if (!flow)
		return -ENOMEM;
	flow->space = space;
	flow->code = code;
	flow->parameters = parameters;
	flow->result = ret;
	flow->attempts = parameters_are_given(parameters) ? patient_attempts : attempts;
	find_landmarks(flow);
	flow->has_failed = seeds_find(&flow->seeds, flow) < 0;
	for (int round = 0; round < MAX_ROUNDS; round++) {
		flow->globals_changed = false;
		run_roots(flow);
		run_functions(flow);
		if (round == 0)
			run_leftovers(flow);
		if (!flow->globals_changed)
			break;
	}
	has_failed = flow->has_failed;
	arena_close(&flow->arena);
	seeds_close(&flow->seeds);
	free(flow);
	if (has_failed) {
		flow_events_free(ret);
		return -ENOMEM;
	}
	return 0;
}

void flow_events_free(struct flow_events *events)
{
	free(events->events);
	free(events->lookups);
	memset(events, 0, sizeof(*events));
}
