/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function being interpreted: its blocks, the states that come to them, and which of
 * its events happen on every way through it.
 */
#include "dataflow/interp.h"

#include <stdlib.h>
#include <string.h>

#include "dataflow/path.h"
#include "dataflow/prune.h"
#include "insn/expand.h"

enum { COARSE_STATES = 3 };
enum { MAX_EVENTS = 4096 };
/* Memory that one root may take for its states. */
static const size_t MAX_ARENA_BYTES = 96 * 1024 * 1024;

struct state *frame_copy(struct flow *flow, const struct state *state)
{
	struct state *copy = arena_take_dirty(&flow->arena, state_bytes(STATE_MAX_CELLS));

	if (!copy) {
		flow->has_failed = true;
		return NULL;
	}
	copy->room = STATE_MAX_CELLS;
	state_copy(copy, state);
	return copy;
}

/* A copy to keep: with room for a few cells more, which joins may bring. */
static struct state *keep(struct flow *flow, const struct state *state)
{
	enum { SPARE_CELLS = 6 };
	size_t room = state->nr_cells + SPARE_CELLS;
	struct state *copy;

	if (room > STATE_MAX_CELLS)
		room = STATE_MAX_CELLS;
	copy = arena_take_dirty(&flow->arena, state_bytes(room));
	if (!copy) {
		flow->has_failed = true;
		return NULL;
	}
	copy->room = (uint16_t)room;
	state_copy(copy, state);
	return copy;
}

/* An array in the arena, doubled when full; the old one is left behind. */
static void *grow(struct flow *flow, void *array, size_t nr, size_t *room, size_t bytes)
{
	size_t more = *room ? *room * 2 : 16;
	void *grown;

	if (nr < *room)
		return array;
	grown = arena_take(&flow->arena, more * bytes);
	if (!grown) {
		flow->has_failed = true;
		return NULL;
	}
	if (nr)
		memcpy(grown, array, nr * bytes);
	*room = more;
	return grown;
}

static size_t hash(uint64_t va)
{
	return (size_t)((va * 0x9e3779b97f4a7c15ULL) >> 32);
}

struct block *frame_block(const struct frame *frame, uint64_t va)
{
	for (size_t i = hash(va); frame->table_room; i++) {
		uint32_t number = frame->table[i & (frame->table_room - 1)];

		if (!number)
			return NULL;
		if (frame->blocks[number - 1]->va == va)
			return frame->blocks[number - 1];
	}
	return NULL;
}

static bool rehash(struct frame *frame)
{
	size_t room = frame->table_room ? frame->table_room * 2 : 32;
	uint32_t *table = arena_take(&frame->flow->arena, room * sizeof(*table));

	if (!table) {
		frame->flow->has_failed = true;
		return false;
	}
	for (size_t j = 0; j < frame->nr_blocks; j++) {
		size_t i = hash(frame->blocks[j]->va);

		while (table[i & (room - 1)])
			i++;
		table[i & (room - 1)] = (uint32_t)j + 1;
	}
	frame->table = table;
	frame->table_room = room;
	return true;
}

static struct block *get_block(struct frame *frame, uint64_t va)
{
	struct block *block = frame_block(frame, va);
	struct flow *flow = frame->flow;
	const struct code_section *section;
	struct insn *first;
	size_t i;

	if (block)
		return block;
	first = code_at(flow->input->code, va, &section);
	if (!first)
		return NULL;
	if (frame->table_room < 2 * (frame->nr_blocks + 1) && !rehash(frame))
		return NULL;
	frame->blocks = grow(flow, frame->blocks, frame->nr_blocks, &frame->blocks_room,
			     sizeof(*frame->blocks));
	block = arena_take(&flow->arena, sizeof(*block));
	if (!frame->blocks || !block) {
		flow->has_failed = true;
		return NULL;
	}
	block->va = block->last_va = va;
	block->first = first;
	block->section = section;
	block->number = (uint32_t)frame->nr_blocks;
	frame->blocks[frame->nr_blocks++] = block;
	for (i = hash(va); frame->table[i & (frame->table_room - 1)]; i++)
		;
	frame->table[i & (frame->table_room - 1)] = (uint32_t)frame->nr_blocks;
	return block;
}

static uint64_t queue_va(const struct frame *frame, size_t i)
{
	return frame->blocks[frame->queue[i]]->va;
}

static void swap_queue(struct frame *frame, size_t i, size_t j)
{
	uint32_t number = frame->queue[i];

	frame->queue[i] = frame->queue[j];
	frame->queue[j] = number;
}

/* Lower addresses first: mostly the order in which joins settle soonest. */
static void enqueue(struct frame *frame, struct block *block)
{
	size_t i = frame->nr_queue;

	if (block->is_queued)
		return;
	frame->queue = grow(frame->flow, frame->queue, frame->nr_queue,
			    &frame->queue_room, sizeof(*frame->queue));
	if (!frame->queue)
		return;
	block->is_queued = true;
	frame->queue[frame->nr_queue++] = block->number;
	for (; i > 0 && queue_va(frame, i) < queue_va(frame, (i - 1) / 2);
	     i = (i - 1) / 2)
		swap_queue(frame, i, (i - 1) / 2);
}

static struct block *dequeue(struct frame *frame)
{
	struct block *block = frame->blocks[frame->queue[0]];
	size_t i = 0;

	frame->queue[0] = frame->queue[--frame->nr_queue];
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
			if (child < frame->nr_queue &&
			    queue_va(frame, child) < queue_va(frame, least))
				least = child;
		if (least == i)
			break;
		swap_queue(frame, i, least);
		i = least;
	}
	block->is_queued = false;
	return block;
}

static void add_edge(struct block *block, uint64_t va)
{
	for (unsigned i = 0; i < block->nr_edges; i++)
		if (block->edges[i] == va)
			return;
	if (block->nr_edges < FRAME_MAX_EDGES)
		block->edges[block->nr_edges++] = va;
}

/* Joins @state into one that loses nothing by it, or makes it one more, or, where there
 * are many already, joins it into the last.
 */
static void add_state(struct frame *frame, struct block *block, const struct state *state)
{
	unsigned most = frame->is_exact ? frame->flow->max_states : COARSE_STATES, i;
	struct flow *flow = frame->flow;
	uint32_t print;

	print = state_print(state, frame->is_exact);
	for (i = 0; i < block->nr_states; i++)
		if (block->states[i]->print == print &&
		    state_is_compatible(block->states[i], state, frame->is_exact))
			break;
	if (i == block->nr_states && i == most) {
		flow->was_full = true;
		i--;
	}
	if (i < block->nr_states) {
		if (!state_join(block->states[i], state))
			return;
		print = state_print(block->states[i], frame->is_exact);
	} else {
		size_t room = block->room;

		block->states = grow(flow, block->states, block->nr_states, &room,
				     sizeof(*block->states));
		block->room = (unsigned)room;
		if (!block->states)
			return;
		block->states[i] = keep(flow, state);
		if (!block->states[i])
			return;
		block->nr_states++;
	}
	block->states[i]->print = print;
	block->pending |= 1ULL << i;
	enqueue(frame, block);
}

static bool is_worth_entering(const struct frame *frame, const struct block *block,
			      const struct state *state)
{
	size_t i = (size_t)(block->first - block->section->insns);

	return !(frame->flow->is_pruning && !frame->caller &&
		 prune_has(block->section, i) &&
		 prune_is_plain(frame->flow->input->landmarks, state,
				frame->flow->has_entries));
}

void frame_enter(struct frame *frame, struct block *from, uint64_t va,
		 const struct state *state)
{
	struct block *block = get_block(frame, va);

	if (!block || !is_worth_entering(frame, block, state))
		return;
	if (from)
		add_edge(from, va);
	add_state(frame, block, state);
}

/* Control goes on from @from to the next instruction, @insn at @va, which nothing else
 * goes to: in the block that starts there, with the state as it is. NULL: it does not.
 */
static struct block *pass(struct frame *frame, struct block *from,
			  const struct insn *insn, uint64_t va, const struct state *state)
{
	struct block *block;

	if (insn->flags & INSN_LEADER) {
		frame_enter(frame, from, va, state);
		return NULL;
	}
	block = get_block(frame, va);
	if (!block || block->first != insn || !is_worth_entering(frame, block, state))
		return NULL;
	add_edge(from, va);
	return block;
}

static void leave(struct frame *frame, struct block *block, const struct state *state)
{
	enum { MAX_EXITS = sizeof(frame->exits) / sizeof(frame->exits[0]) };
	size_t i;

	block->is_exit = true;
	if (!frame->caller)
		return;
	for (i = 0; i < frame->nr_exits; i++)
		if (state_is_compatible(frame->exits[i], state, frame->is_exact))
			break;
	if (i == MAX_EXITS)
		i--;
	if (i < frame->nr_exits) {
		state_join(frame->exits[i], state);
		return;
	}
	frame->exits[i] = keep(frame->flow, state);
	if (frame->exits[i])
		frame->nr_exits++;
}

static unsigned cause_of(const struct state *state)
{
	const struct state_flags *flags = &state->flags;

	if (flags->is_known &&
	    (flags->a.kind == VALUE_RESULT || flags->b.kind == VALUE_RESULT ||
	     (flags->a.flags | flags->b.flags) & VALUE_RETURNED))
		return FRAME_CALL_RESULT;
	return FRAME_OTHER;
}

/* "test result, result" or "cmp $0, result" */
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
static bool branch(struct frame *frame, struct block *block, struct state *state,
		   const struct insn *insn)
{
	const struct state_flags *flags = &state->flags;
	int goes = -1;

	if (flags->is_known)
		goes = value_decide(insn->condition, flags->of, flags->a, flags->b,
				    flags->width);
	if (goes < 0 || cause_of(state) == FRAME_CALL_RESULT)
		block->causes |= cause_of(state);
	if (goes < 0 && cause_of(state) != FRAME_CALL_RESULT)
		state->bits |= STATE_FORKED;
	if (goes < 0 && shows_result(flags)) {
		state_copy(frame->spare, state);
		refine(frame->spare, insn->condition, true);
		frame_enter(frame, block, (uint64_t)insn->imm, frame->spare);
		refine(state, insn->condition, false);
		return true;
	}
	if (goes != 0)
		frame_enter(frame, block, (uint64_t)insn->imm, state);
	return goes != 1;
}

/* A jump to where another function starts, and nothing precious to follow there. */
static bool is_plain_tail_call(const struct frame *frame, const struct state *state,
			       const struct insn *target)
{
	static const uint8_t arguments[] = {X86_RDI, X86_RSI, X86_RDX, X86_RCX, 8, 9};

	if (frame->is_exact || !(target->flags & INSN_FUNCTION))
		return false;
	for (size_t i = 0; i < sizeof(arguments); i++)
		if (value_is_precious(&state->registers[arguments[i]], false))
			return false;
	return true;
}

static void jump(struct frame *frame, struct block *block, struct state *state,
		 const struct insn *insn, uint64_t va, uint64_t next_va)
{
	const struct code_section *section;
	const struct insn *target = NULL;

	if (insn->src == INSN_IMMEDIATE && !(insn->flags & INSN_UNRESOLVED))
		target = code_at(frame->flow->input->code, (uint64_t)insn->imm, &section);
	if (target && (uint64_t)insn->imm != frame->entry &&
	    is_plain_tail_call(frame, state, target))
		leave(frame, block, state);
	else if (target)
		frame_enter(frame, block, (uint64_t)insn->imm, state);
	else if (call_insn(frame, block, state, insn, va, next_va))
		leave(frame, block, state);
}

static bool is_out_of_bounds(const struct flow *flow)
{
	return flow->has_failed || flow->has_news || flow->nr_steps >= flow->max_steps ||
	       (flow->ends_when_full && flow->was_full) ||
	       flow->arena.nr_bytes > MAX_ARENA_BYTES;
}

/* Interprets from one of @block's states up to where control may come from elsewhere. */
static void run_block(struct frame *frame, struct block *block, struct state *state)
{
	struct flow *flow = frame->flow;
	const struct code_section *section = block->section;
	size_t i = (size_t)(block->first - section->insns);

	for (; i < section->nr_insns; i++) {
		struct insn *insn = expand_insn(section, i);
		uint64_t va = section_va(section, insn), next_va = va + insn->bytes;
		const struct code_edge *edge;

		if (insn != block->first && insn->flags & INSN_LEADER) {
			frame_enter(frame, block, va, state);
			return;
		}
		insn->flags |= INSN_VISITED;
		flow->nr_steps++;
		if (va > block->last_va)
			block->last_va = va;
		edge = insn->flags & INSN_SITE ? code_edge_from(flow->input->code, va)
					       : NULL;
		if (edge) {
			block->causes |= FRAME_OTHER;
			state->bits |= STATE_FORKED;
			frame_enter(frame, block, edge->to, state);
		}
		switch (insn->op) {
		case INSN_JMP:
			if (edge) /* as built it jumps; enabled the other way it does not
				   */
				frame_enter(frame, block, next_va, state);
			jump(frame, block, state, insn, va, next_va);
			return;
		case INSN_JCC:
			if (!branch(frame, block, state, insn) ||
			    i + 1 == section->nr_insns || is_out_of_bounds(flow))
				return;
			block = pass(frame, block, expand_insn(section, i + 1), next_va,
				     state);
			if (!block)
				return;
			break;
		case INSN_RET:
			leave(frame, block, state);
			return;
		case INSN_TRAP:
			if (!(insn->flags & INSN_WARN))
				return;
			break;
		case INSN_CALL:
			if (!call_insn(frame, block, state, insn, va, next_va))
				return;
			break;
		default:
			step_insn(frame, state, insn, va);
		}
	}
}

static void add_pending(struct frame *frame, size_t event, uint64_t site,
			bool is_conditional_below, bool is_decided)
{
	for (size_t i = 0; i < frame->nr_events; i++) {
		struct pending_event *pending = &frame->events[i];

		if (pending->event == event && pending->site == site) {
			pending->is_conditional &= is_conditional_below;
			pending->is_decided |= is_decided;
			return;
		}
	}
	/* Not in the arena: a frame's events outlive what its callees took. */
	if (frame->nr_events == frame->events_room) {
		size_t room = frame->events_room ? frame->events_room * 2 : 16;
		struct pending_event *events = reallocarray(frame->events, room,
							    sizeof(*events));

		if (!events) {
			frame->flow->has_failed = true;
			return;
		}
		frame->events = events;
		frame->events_room = room;
	}
	frame->events[frame->nr_events++] = (struct pending_event){
		.event = event,
		.site = site,
		.is_conditional = is_conditional_below,
		.is_decided = is_decided};
}

static bool is_same(const struct flow_event *a, const struct flow_event *b)
{
	return a->site == b->site && a->what == b->what && a->root == b->root &&
	       a->target == b->target && a->argument == b->argument &&
	       a->parameter == b->parameter;
}

void frame_event(struct frame *frame, uint64_t site, struct flow_event event)
{
	struct flow *flow = frame->flow;
	struct flow_events *result = flow->result;
	size_t i;

	if (flow->is_pruning) {
		flow->has_news = true;
		return;
	}
	event.site = site;
	event.root = flow->root;
	event.parameter = flow->parameter ? flow->parameter->name : NULL;
	event.is_conditional = true;
	for (i = 0; i < result->nr_events; i++)
		if (is_same(&result->events[i], &event))
			break;
	if (i == result->nr_events) {
		if (i == MAX_EVENTS) {
			flow->was_bounded = true;
			return;
		}
		if (i == flow->events_room) {
			size_t room = i ? i * 2 : 16;
			struct flow_event *events = reallocarray(result->events, room,
								 sizeof(*events));

			if (!events) {
				flow->has_failed = true;
				return;
			}
			result->events = events;
			flow->events_room = room;
		}
		result->events[result->nr_events++] = event;
	} else {
		result->events[i].bits &= event.bits;
		if (!(event.flags & (VALUE_MAY | VALUE_GUESSED)))
			result->events[i].flags = event.flags;
		result->events[i].is_exact |= event.is_exact;
	}
	add_pending(frame, i, site, false, !(event.bits & STATE_FORKED));
}

/* Hands the frame's events to its caller, or, from the root, to the result. */
static void settle_events(struct frame *frame)
{
	struct flow *flow = frame->flow;
	uint64_t call_site = frame->caller ? frame->caller->events_site : 0;

	for (size_t i = 0; i < frame->nr_events; i++) {
		struct pending_event *pending = &frame->events[i];
		bool conditional = !pending->is_decided &&
				   (pending->is_conditional || is_out_of_bounds(flow) ||
				    path_can_avoid(frame, pending->site));

		if (frame->caller)
			add_pending(frame->caller, pending->event, call_site, conditional,
				    pending->is_decided);
		else
			flow->result->events[pending->event].is_conditional &=
				conditional;
	}
	free(frame->events);
}

size_t frame_run(struct flow *flow, struct frame *caller, uint64_t entry, bool is_exact,
		 const struct state *state, struct state *exits[8])
{
	struct frame frame = {
		.flow = flow,
		.caller = caller,
		.entry = entry,
		.depth = caller ? caller->depth + 1 : 0,
		.is_exact = is_exact,
	};
	struct state *work = frame_copy(flow, state);

	frame.spare = frame_copy(flow, state);
	if (!work || !frame.spare)
		return 0;
	frame_enter(&frame, NULL, entry, state);
	while (frame.nr_queue > 0 && !is_out_of_bounds(flow)) {
		struct block *block = dequeue(&frame);

		while (block->pending && !is_out_of_bounds(flow)) {
			unsigned i = (unsigned)__builtin_ctzll(block->pending);

			block->pending &= block->pending - 1;
			state_copy(work, block->states[i]);
			run_block(&frame, block, work);
		}
	}
	if (is_out_of_bounds(flow) && !flow->has_news)
		flow->was_bounded = true;
	settle_events(&frame);
	memcpy(exits, frame.exits, sizeof(frame.exits));
	return frame.nr_exits;
}
