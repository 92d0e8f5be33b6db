/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a module's code writes: what to interpret, from where, and in which order. */
#include "dataflow/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/interp.h"
#include "dataflow/prune.h"
#include "insn/expand.h"
#include "module/modsym.h"

/* Instructions interpreted from one root. Distribution modules need a fraction of that:
 * their largest functions have some 20,000.
 */
enum { MAX_COARSE_STEPS = 2 * 1000 * 1000 };

/* A root is tried with these limits, one after the other, until it is done within one:
 * ever fewer states are kept apart, and so less is known. All but a few of 16,365 modules
 * are done with the first. The row without steps ends the list.
 */
static const struct flow_limits attempts[] = {{BLOCK_MAX_STATES, 10, 10 * 1000, true},
					      {4, 10, 10 * 1000, false},
					      {1, 4, 400 * 1000, false},
					      {0}};
/* With parameters given, what init makes of them is worth following further: aic79xx
 * takes more than 50,000 steps to read its own.
 */
static const struct flow_limits patient_attempts[] = {
	{BLOCK_MAX_STATES, 10, 100 * 1000, false},
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
	state->registers[X86_RSP] = value_exact(VALUE_STACK);
	return state;
}

static void interpret(struct flow *flow, uint64_t entry, bool is_exact,
		      const struct state *state)
{
	struct arena_mark mark = arena_mark(&flow->arena);
	struct state *exits[ACTIVATION_MAX_EXITS];

	flow->nr_steps = 0;
	flow->was_bounded = flow->was_full = false;
	flow->has_news = false;
	flow->next_heap = VALUE_HEAP;
	interp_run(flow, NULL, entry, is_exact, state, exits);
	flow->result->nr_steps += flow->nr_steps;
	arena_release(&flow->arena, mark);
}

/* Interprets a root, once more with the next limits whenever it takes too long. */
static void run_exactly(struct flow *flow, uint64_t entry, const struct state *state)
{
	for (const struct flow_limits *attempt = flow->attempts; attempt->max_steps;
	     attempt++) {
		flow->limits = *attempt;
		interpret(flow, entry, true, state);
		if (!flow->was_bounded)
			break;
	}
}

/* The first pass only says whether there is something to report; a second one, without
 * pruning, reports it.
 */
static void run_coarsely(struct flow *flow, uint64_t entry, const struct state *state)
{
	flow->limits = (struct flow_limits){.max_depth = flow->attempts->max_depth,
					    .max_steps = MAX_COARSE_STEPS};
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
		state->registers[X86_RSI] = value_exact(parameter->entry);
		run_root(flow, FLOW_PARAMETER, parameter->handler, state);
	}
	flow->parameter = NULL;
	arena_release(&flow->arena, mark);
}

static void run_roots(struct flow *flow)
{
	const struct modimage *mod = flow->input->mod;
	uint64_t entry;

	for (size_t i = 0; i < flow->input->parameters->nr; i++)
		if (flow->input->parameters->array[i].handler)
			run_handler(flow, &flow->input->parameters->array[i]);
	if (modsym_entry(mod, false, flow->input->landmarks->module_init, &entry) == 0 &&
	    relevant_is_root(&flow->relevant, entry))
		run_entry(flow, FLOW_INIT, entry);
	if (modsym_entry(mod, true, flow->input->landmarks->module_exit, &entry) == 0 &&
	    relevant_is_root(&flow->relevant, entry))
		run_entry(flow, FLOW_EXIT, entry);
}

/* Is there nothing but padding (__pfx_ and its like) up to the next function? That
 * function is interpreted for itself.
 */
static bool is_padding(const struct code_section *section, size_t i)
{
	for (size_t j = i; j < section->nr_insns; j++) {
		const struct insn *insn = expand_insn(section, j);

		if (j > i && insn->flags & INSN_FUNCTION)
			return true;
		if (insn->op > INSN_OTHER || insn->clobbers ||
		    insn->flags & (INSN_READS | INSN_WRITES | INSN_SITE))
			return false;
	}
	return false;
}

static bool is_function(const struct code_section *section, size_t i)
{
	return section->marks[i] & (INSN_FUNCTION | INSN_ENTERED) &&
	       !is_padding(section, i);
}

/* Is it a store that nothing was seen to go to (a computed jump table, a section without
 * symbols)? Direct stores are found without a way there. Padding is among these.
 */
static bool is_left_over(const struct code_section *section, size_t i)
{
	const struct insn *insn = expand_insn(section, i);

	return !(insn->flags & INSN_VISITED) &&
	       (insn->flags & INSN_WRITES || insn->op == INSN_TO_CR0);
}

/* Interprets from every instruction that @is_entry says and that is not pruned. */
static void run_from(struct flow *flow,
		     bool (*is_entry)(const struct code_section *section, size_t i))
{
	for (size_t i = 0; i < flow->relevant.nr; i++) {
		struct function_range *range = &flow->relevant.ranges[i];
		const struct code_section *section = range->section;
		size_t end = range->first + range->nr_insns;

		if (!relevant_is(&flow->relevant, range))
			continue;
		prune_mark(&flow->relevant, range);
		for (size_t j = range->first; j < end && !flow->has_failed; j++)
			if (!prune_has(section, j) && is_entry(section, j))
				run_entry(flow, FLOW_ANY,
					  section->va + section->starts[j].offset);
	}
}

int flow_run(struct flow_events *ret, struct addrspace *space, const struct code *code,
	     const struct parameters *parameters)
{
	const struct input input = {
		.space = space,
		.mod = space->mod,
		.landmarks = &space->landmarks,
		.code = code,
		.parameters = parameters,
	};
	struct flow *flow = calloc(1, sizeof(*flow));
	bool has_failed;

	*ret = (struct flow_events){0};
	if (!flow)
		return -ENOMEM;
	flow->input = &input;
	flow->result = ret;
	flow->attempts = parameters_are_given(parameters) ? patient_attempts : attempts;
	flow->has_failed = relevant_open(&flow->relevant, &input) < 0;
	for (int round = 0; round < MAX_ROUNDS; round++) {
		flow->globals.has_changed = false;
		run_roots(flow);
		run_from(flow, is_function);
		if (round == 0)
			run_from(flow, is_left_over);
		if (!flow->globals.has_changed)
			break;
	}
	has_failed = flow->has_failed;
	arena_close(&flow->arena);
	relevant_close(&flow->relevant);
	free(flow);
	if (has_failed) {
		events_free(ret);
		return -ENOMEM;
	}
	return 0;
}
