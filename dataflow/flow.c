/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a module's code writes: what to interpret, from where, and in which order. */
#include "dataflow/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/interp.h"
#include "dataflow/prune.h"
#include "module/modsym.h"

/* Instructions interpreted from one root. Distribution modules need a fraction: the
 * largest functions of theirs have some 20,000.
 */
enum { MAX_COARSE_STEPS = 2 * 1000 * 1000 };

struct attempt {
	unsigned max_states, max_depth; /* of calls that are gone into */
	size_t max_steps;
	bool ends_when_full; /* once more than max_states come to some place */
};

/* A root is tried in these ways, one after the other, until it is done within the bound:
 * with ever fewer states kept apart, and so with less known. All but a few of 16,365
 * modules are done with the first. Without steps: the end.
 */
static const struct attempt attempts[] = {{FRAME_MAX_STATES, 10, 10 * 1000, true},
					  {4, 10, 10 * 1000, false},
					  {1, 4, 400 * 1000, false},
					  {0}};
/* Where parameters are given, what init makes of them is worth being followed further:
 * aic79xx takes more than 50,000 steps to read its own.
 */
static const struct attempt patient_attempts[] = {
	{FRAME_MAX_STATES, 10, 100 * 1000, false},
	{8, 10, 200 * 1000, false},
	{2, 10, 200 * 1000, false},
	{1, 4, 400 * 1000, false},
	{0}};
/* Rounds over all functions until nothing new is stored in the module's variables. */
enum { MAX_ROUNDS = 3 };

static struct state *new_state(struct flow *flow)
{
	struct state *state = arena_take_dirty(&flow->arena,
					       state_bytes(STATE_MAX_CELLS));

	if (!state) {
		flow->has_failed = true;
		return NULL;
	}
	*state = (struct state){.room = STATE_MAX_CELLS};
	state->registers[CODE_RSP] = value_exact(VALUE_STACK);
	return state;
}

static void interpret(struct flow *flow, uint64_t entry, bool is_exact,
		      const struct state *state)
{
	struct arena_mark mark = arena_mark(&flow->arena);
	struct state *exits[8];

	flow->nr_steps = 0;
	flow->was_bounded = flow->was_full = false;
	flow->has_news = false;
	flow->next_heap = FRAME_HEAP;
	frame_run(flow, NULL, entry, is_exact, state, exits);
	flow->result->nr_steps += flow->nr_steps;
	arena_release(&flow->arena, mark);
}

/* Once more with fewer states kept apart, and so with less known, where it takes too
 * long.
 */
static void run_exactly(struct flow *flow, uint64_t entry, const struct state *state)
{
	for (const struct attempt *attempt = flow->attempts; attempt->max_steps;
	     attempt++) {
		flow->max_steps = attempt->max_steps;
		flow->max_states = attempt->max_states;
		flow->max_depth = attempt->max_depth;
		flow->ends_when_full = attempt->ends_when_full;
		interpret(flow, entry, true, state);
		if (!flow->was_bounded)
			break;
	}
}

/* What a first look at the places that matter comes on is told by a second one at all. */
static void run_coarsely(struct flow *flow, uint64_t entry, const struct state *state)
{
	flow->max_steps = MAX_COARSE_STEPS;
	flow->max_depth = flow->attempts->max_depth;
	flow->ends_when_full = false;
	flow->is_pruning = true;
	interpret(flow, entry, false, state);
	flow->is_pruning = false;
	if (flow->has_news)
		interpret(flow, entry, false, state);
}

static void run_root(struct flow *flow, enum flow_root root, uint64_t entry,
		     const struct state *state)
{
	flow->root = root;
	if (root == FLOW_ANY)
		run_coarsely(flow, entry, state);
	else
		run_exactly(flow, entry, state);
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
	const struct modimage *mod = flow->space->mod;
	uint64_t entry;

	for (size_t i = 0; i < flow->parameters->nr; i++)
		if (flow->parameters->array[i].handler)
			run_handler(flow, &flow->parameters->array[i]);
	if (modsym_entry(mod, false, flow->landmarks->module_init, &entry) == 0 &&
	    seeds_are_reached_exactly(&flow->seeds, entry))
		run_entry(flow, FLOW_INIT, entry);
	if (modsym_entry(mod, true, flow->landmarks->module_exit, &entry) == 0 &&
	    seeds_are_reached_exactly(&flow->seeds, entry))
		run_entry(flow, FLOW_EXIT, entry);
}

/* Nothing but padding up to the next function (__pfx_ and its like): that is interpreted
 * for itself.
 */
static bool is_padding(const struct code_section *section, size_t i)
{
	for (size_t j = i; j < section->nr_insns; j++) {
		const struct insn *insn = code_insn(section, j);

		if (j > i && insn->flags & CODE_FUNCTION)
			return true;
		if (insn->op > CODE_OTHER || insn->clobbers ||
		    insn->flags & (CODE_READS | CODE_WRITES | CODE_SITE))
			return false;
	}
	return false;
}

static bool is_function(const struct code_section *section, size_t i)
{
	return section->marks[i] & (CODE_FUNCTION | CODE_ENTERED) &&
	       !is_padding(section, i);
}

/* Code that nothing was seen to go to (a jump table that is computed, a section without
 * symbols): its direct stores are found without a way there. Padding is among it.
 */
static bool is_left_over(const struct code_section *section, size_t i)
{
	const struct insn *insn = code_insn(section, i);

	return !(insn->flags & CODE_VISITED) &&
	       (insn->flags & CODE_WRITES || insn->op == CODE_TO_CR0);
}

/* From every instruction that @is_entry says, where something may come of it. */
static void run_from(struct flow *flow,
		     bool (*is_entry)(const struct code_section *section, size_t i))
{
	for (size_t i = 0; i < flow->seeds.nr; i++) {
		struct seed_range *range = &flow->seeds.ranges[i];
		const struct code_section *section = range->section;
		size_t end = range->first + range->nr_insns;

		if (!seeds_are_reached(range, flow->hot_sections))
			continue;
		quiet_mark(flow, range);
		for (size_t j = range->first; j < end && !flow->has_failed; j++)
			if (!quiet_is(section, j) && is_entry(section, j))
				run_entry(flow, FLOW_ANY,
					  section->va + section->starts[j].offset);
	}
}

int flow_run(struct flow_events *ret, struct addrspace *space, struct code *code,
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
	flow->landmarks = &space->landmarks;
	flow->has_failed = seeds_find(&flow->seeds, flow) < 0;
	for (int round = 0; round < MAX_ROUNDS; round++) {
		flow->globals_changed = false;
		run_roots(flow);
		run_from(flow, is_function);
		if (round == 0)
			run_from(flow, is_left_over);
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
