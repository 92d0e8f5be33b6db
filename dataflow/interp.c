/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets functions: runs their blocks, and goes into what they call. */
#include "dataflow/interp.h"

#include <stdlib.h>
#include <string.h>

#include "dataflow/outside.h"
#include "dataflow/path.h"
#include "dataflow/step.h"
#include "insn/expand.h"

/* Memory that one root may take for its states. */
static const size_t MAX_ARENA_BYTES = 96 * 1024 * 1024;

static bool is_out_of_bounds(const struct flow *flow)
{
	return flow->has_failed || flow->has_news ||
	       flow->nr_steps >= flow->limits.max_steps ||
	       (flow->limits.ends_when_full && flow->was_full) ||
	       flow->arena.nr_bytes > MAX_ARENA_BYTES;
}

/* What the flags come from, and so a branch on them. */
static unsigned cause_of(const struct state *state)
{
	const struct state_flags *flags = &state->flags;

	if (flags->is_known &&
	    (flags->a.kind == VALUE_RESULT || flags->b.kind == VALUE_RESULT ||
	     (flags->a.flags | flags->b.flags) & VALUE_RETURNED))
		return BLOCK_CALL_RESULT;
	return BLOCK_OTHER;
}

/* Is it "test result, result" or "cmp $0, result"? */
static bool shows_result(const struct state_flags *flags)
{
	return flags->is_known && flags->a.kind == VALUE_RESULT &&
	       flags->of <= VALUE_OF_TEST &&
	       (flags->of == VALUE_OF_TEST ? value_equal(flags->a, flags->b)
					   : value_is_exact(flags->b) && flags->b.n == 0);
}

/* Behind a branch on what a call returned, every copy of it is known the better. */
static void refine(struct state *state, unsigned condition, bool goes)
{
	struct value before = state->flags.a,
		     after = value_refine(before, condition, goes);

	for (int i = 0; i < X86_NR_REGISTERS; i++)
		if (value_equal(state->registers[i], before))
			state->registers[i] = after;
	for (size_t i = 0; i < state->nr_cells; i++)
		if (value_equal(state->cells[i].value, before))
			state->cells[i].value = after;
}

/* Returns whether control may go on behind the branch, with @state. */
static bool branch(struct activation *activation, struct block *block,
		   struct state *state, const struct insn *insn)
{
	const struct state_flags *flags = &state->flags;
	int goes = -1;

	if (flags->is_known)
		goes = value_decide(insn->condition, flags->of, flags->a, flags->b,
				    flags->width);
	if (goes < 0 || cause_of(state) == BLOCK_CALL_RESULT)
		block->causes |= cause_of(state);
	if (goes < 0 && cause_of(state) != BLOCK_CALL_RESULT)
		state->bits |= STATE_FORKED;
	if (goes < 0 && shows_result(flags)) {
		state_copy(activation->spare, state);
		refine(activation->spare, insn->condition, true);
		blocks_enter(activation, block, (uint64_t)insn->imm, activation->spare);
		refine(state, insn->condition, false);
		return true;
	}
	if (goes != 0)
		blocks_enter(activation, block, (uint64_t)insn->imm, state);
	return goes != 1;
}

/* Is one of the arguments precious? */
static bool has_precious_argument(const struct state *state)
{
	for (size_t i = 0; i < X86_NR_ARGUMENTS; i++)
		if (value_is_precious(&state->registers[x86_arguments[i]], false))
			return true;
	return false;
}

static bool is_running(const struct activation *activation, uint64_t entry)
{
	for (; activation; activation = activation->caller)
		if (activation->entry == entry)
			return true;
	return false;
}

static bool is_worth_following(const struct activation *activation,
			       const struct state *state, uint64_t entry)
{
	if (activation->depth >= activation->flow->limits.max_depth ||
	    is_running(activation, entry))
		return false;
	return activation->is_exact || has_precious_argument(state);
}

/* A function of the module that is not gone into is taken to change all it could. */
static void pass_over(const struct flow *flow, struct state *state, uint64_t va)
{
	state_clobber(state);
	if (!flow->is_pruning)
		state->registers[X86_RAX] = (struct value){
			.kind = VALUE_RESULT, .serial = (uint8_t)(va ^ va >> 8)};
	for (size_t i = 0; i < state->nr_cells; i++)
		if (state->cells[i].va >> 63)
			state->cells[i].value = value_top();
	state->bits |= STATE_CELLS_LOST;
}

/* What is so behind a call of the module's own code that was made in @before. */
static void restore(struct state *exit, const struct state *before)
{
	static const uint8_t callee_saved[] = {X86_RBX, X86_RSP, X86_RBP, X86_R12,
					       X86_R13, X86_R14, X86_R15};

	for (size_t i = 0; i < sizeof(callee_saved); i++)
		exit->registers[callee_saved[i]] = before->registers[callee_saved[i]];
	if (value_is_exact(exit->registers[X86_RAX]))
		exit->registers[X86_RAX].flags |= VALUE_RETURNED;
	exit->flags.is_known = false;
}

/* A function of the module, at @entry, is called by the instruction at @va. Returns
 * whether control goes on behind it with @state.
 */
static bool call_inside(struct activation *activation, struct block *block,
			struct state *state, uint64_t entry, uint64_t va,
			uint64_t next_va)
{
	struct state *exits[ACTIVATION_MAX_EXITS], *inner;
	size_t nr;

	if (!is_worth_following(activation, state, entry)) {
		pass_over(activation->flow, state, va);
		return true;
	}
	inner = blocks_copy(activation->flow, state);
	if (!inner)
		return false;
	if (value_is_stack(inner->registers[X86_RSP]))
		inner->registers[X86_RSP].n -= 8;
	activation->events_site = va;
	nr = interp_run(activation->flow, activation, entry, activation->is_exact, inner,
			exits);
	for (size_t i = 0; i < nr; i++) {
		restore(exits[i], state);
		blocks_enter(activation, block, next_va, exits[i]);
	}
	return false;
}

/* Runs a function of the module that the callee calls back, for what it does. */
static void call_back(const struct call *call)
{
	struct activation *activation = call->activation;
	struct state *exits[ACTIVATION_MAX_EXITS];

	activation->events_site = call->va;
	if (interp_run(activation->flow, activation, call->callback.entry,
		       activation->is_exact, call->callback.state, exits) > 0)
		call->state->bits |= exits[0]->bits;
	call->state->bits |= STATE_CELLS_LOST;
}

/* call_insn - a call or a jump out of the function
 *
 * @block: that the call ends if it must. Returns whether control goes on behind it with
 * @state; false: it does not, or has been entered by the call's exits.
 */
static bool call_insn(struct activation *activation, struct block *block,
		      struct state *state, const struct insn *insn, uint64_t va)
{
	struct call call = {.activation = activation, .state = state, .va = va};
	const struct code_section *section;
	bool is_jump = insn->op == INSN_JMP;

	outside_find_target(&call, insn);
	if (is_jump && call.is_return)
		return true;
	if (value_is_exact(call.target) && !(call.target.flags & VALUE_MAY) &&
	    code_at(activation->flow->input->code, call.target.n, &section)) {
		if (!is_jump)
			return call_inside(activation, block, state, call.target.n, va,
					   va + insn->bytes);
		blocks_enter(activation, block, call.target.n, state);
		return false;
	}
	if (!outside_call(&call))
		return false;
	if (call.callback.state)
		call_back(&call);
	return true;
}

/* Is it a jump to where another function starts, with nothing precious to follow there?
 */
static bool is_plain_tail_call(const struct activation *activation,
			       const struct state *state, const struct insn *target)
{
	return !activation->is_exact && target->flags & INSN_FUNCTION &&
	       !has_precious_argument(state);
}

static void jump(struct activation *activation, struct block *block, struct state *state,
		 const struct insn *insn, uint64_t va)
{
	const struct code_section *section;
	const struct insn *target = NULL;

	if (insn->src == INSN_IMMEDIATE && !(insn->flags & INSN_UNRESOLVED))
		target = code_at(activation->flow->input->code, (uint64_t)insn->imm,
				 &section);
	if (target && (uint64_t)insn->imm != activation->entry &&
	    is_plain_tail_call(activation, state, target))
		blocks_leave(activation, block, state);
	else if (target)
		blocks_enter(activation, block, (uint64_t)insn->imm, state);
	else if (call_insn(activation, block, state, insn, va))
		blocks_leave(activation, block, state);
}

/* Control may go another way at the static branch at @va. Returns whether there is one.
 */
static bool follow_site(struct activation *activation, struct block *block,
			struct state *state, uint64_t va)
{
	const struct code_edge *edge = code_edge_from(activation->flow->input->code, va);

	if (!edge)
		return false;
	block->causes |= BLOCK_OTHER;
	state->bits |= STATE_FORKED;
	blocks_enter(activation, block, edge->to, state);
	return true;
}

/* run_insn - one instruction, number @i of its section, at @va
 * Returns the block that control goes on in with @state: @block, or the one behind a
 * branch. NULL: control does not go on behind it, or has been entered there.
 */
static struct block *run_insn(struct activation *activation, struct block *block,
			      struct state *state, size_t i, uint64_t va)
{
	const struct code_section *section = block->section;
	const struct insn *insn = &section->insns[i];
	uint64_t next_va = va + insn->bytes;
	bool is_site = insn->flags & INSN_SITE &&
		       follow_site(activation, block, state, va);

	switch (insn->op) {
	case INSN_JMP:
		/* As it was built it jumps. Switched over, it does not. */
		if (is_site)
			blocks_enter(activation, block, next_va, state);
		jump(activation, block, state, insn, va);
		return NULL;
	case INSN_JCC:
		if (!branch(activation, block, state, insn) ||
		    i + 1 == section->nr_insns || is_out_of_bounds(activation->flow))
			return NULL;
		return blocks_pass(activation, block, expand_insn(section, i + 1),
				   next_va, state);
	case INSN_RET:
		blocks_leave(activation, block, state);
		return NULL;
	case INSN_TRAP:
		return insn->flags & INSN_WARN ? block : NULL;
	case INSN_CALL:
		return call_insn(activation, block, state, insn, va) ? block : NULL;
	default:
		step_insn(activation, state, insn, va);
		return block;
	}
}

/* Interprets from one of @block's states up to where control may come from elsewhere. */
static void run_block(struct activation *activation, struct block *block,
		      struct state *state)
{
	const struct code_section *section = block->section;
	size_t i = (size_t)(block->first - section->insns);

	for (; block && i < section->nr_insns; i++) {
		struct insn *insn = expand_insn(section, i);
		uint64_t va = section_va(section, insn);

		if (insn != block->first && insn->flags & INSN_LEADER) {
			blocks_enter(activation, block, va, state);
			return;
		}
		insn->flags |= INSN_VISITED;
		activation->flow->nr_steps++;
		if (va > block->last_va)
			block->last_va = va;
		block = run_insn(activation, block, state, i, va);
	}
}

/* Hands the activation's events to its caller, or, from the root, to the result. */
static void settle_events(struct activation *activation)
{
	struct flow *flow = activation->flow;
	struct activation *caller = activation->caller;

	for (size_t i = 0; i < activation->events.nr; i++) {
		struct pending_event event = activation->events.array[i];

		event.is_conditional = !event.is_decided &&
				       (event.is_conditional || is_out_of_bounds(flow) ||
					path_can_avoid(activation, event.site));
		if (caller) {
			event.site = caller->events_site;
			if (events_pend(&caller->events, &event) < 0)
				flow->has_failed = true;
		} else {
			flow->result->events[event.number].is_conditional &=
				event.is_conditional;
		}
	}
	free(activation->events.array);
}

size_t interp_run(struct flow *flow, struct activation *caller, uint64_t entry,
		  bool is_exact, const struct state *state,
		  struct state *exits[ACTIVATION_MAX_EXITS])
{
	struct activation activation = {
		.flow = flow,
		.caller = caller,
		.entry = entry,
		.depth = caller ? caller->depth + 1 : 0,
		.is_exact = is_exact,
	};
	struct state *work = blocks_copy(flow, state);

	activation.spare = blocks_copy(flow, state);
	if (!work || !activation.spare)
		return 0;
	blocks_enter(&activation, NULL, entry, state);
	while (activation.nr_queue > 0 && !is_out_of_bounds(flow)) {
		struct block *block = blocks_next(&activation);

		while (block->pending && !is_out_of_bounds(flow)) {
			unsigned i = (unsigned)__builtin_ctzll(block->pending);

			block->pending &= block->pending - 1;
			state_copy(work, block->states[i]);
			run_block(&activation, block, work);
		}
	}
	if (is_out_of_bounds(flow) && !flow->has_news)
		flow->was_bounded = true;
	settle_events(&activation);
	memcpy(exits, activation.exits, sizeof(activation.exits));
	return activation.nr_exits;
}
