/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function being interpreted: its blocks, the states that have come to them, and
 * which block is next.
 */
#include "dataflow/blocks.h"

#include <errno.h>
#include <string.h>

#include "dataflow/prune.h"
#include "insn/expand.h"
#include "kcore/array.h"

enum { COARSE_STATES = 3 };
struct state *blocks_copy(struct flow *flow, const struct state *state)
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

/* A copy of @state to keep. It has room for a few cells more, which joins may bring. */
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
	return (size_t)(array_hash(va) >> 32);
}

struct block *blocks_at(const struct activation *activation, uint64_t va)
{
	for (size_t i = hash(va); activation->table_room; i++) {
		uint32_t number = activation->table[i & (activation->table_room - 1)];

		if (!number)
			return NULL;
		if (activation->blocks[number - 1]->va == va)
			return activation->blocks[number - 1];
	}
	return NULL;
}

static bool rehash(struct activation *activation)
{
	size_t room = activation->table_room ? activation->table_room * 2 : 32;
	uint32_t *table = arena_take(&activation->flow->arena, room * sizeof(*table));

	if (!table) {
		activation->flow->has_failed = true;
		return false;
	}
	for (size_t j = 0; j < activation->nr_blocks; j++) {
		size_t i = hash(activation->blocks[j]->va);

		while (table[i & (room - 1)])
			i++;
		table[i & (room - 1)] = (uint32_t)j + 1;
	}
	activation->table = table;
	activation->table_room = room;
	return true;
}

static struct block *get_block(struct activation *activation, uint64_t va)
{
	struct block *block = blocks_at(activation, va);
	struct flow *flow = activation->flow;
	const struct code_section *section;
	struct insn *first;
	size_t i;

	if (block)
		return block;
	first = code_at(flow->input->code, va, &section);
	if (!first)
		return NULL;
	if (activation->table_room < 2 * (activation->nr_blocks + 1) &&
	    !rehash(activation))
		return NULL;
	activation->blocks = grow(flow, activation->blocks, activation->nr_blocks,
				  &activation->blocks_room, sizeof(*activation->blocks));
	block = arena_take(&flow->arena, sizeof(*block));
	if (!activation->blocks || !block) {
		flow->has_failed = true;
		return NULL;
	}
	block->va = block->last_va = va;
	block->first = first;
	block->section = section;
	block->number = (uint32_t)activation->nr_blocks;
	activation->blocks[activation->nr_blocks++] = block;
	for (i = hash(va); activation->table[i & (activation->table_room - 1)]; i++)
		;
	activation->table[i & (activation->table_room - 1)] =
		(uint32_t)activation->nr_blocks;
	return block;
}

static uint64_t queue_va(const struct activation *activation, size_t i)
{
	return activation->blocks[activation->queue[i]]->va;
}

static void swap_queue(struct activation *activation, size_t i, size_t j)
{
	uint32_t number = activation->queue[i];

	activation->queue[i] = activation->queue[j];
	activation->queue[j] = number;
}

/* Puts @block into the queue. Lower addresses come first: mostly joins settle soonest so.
 */
static void enqueue(struct activation *activation, struct block *block)
{
	size_t i = activation->nr_queue;

	if (block->is_queued)
		return;
	activation->queue = grow(activation->flow, activation->queue,
				 activation->nr_queue, &activation->queue_room,
				 sizeof(*activation->queue));
	if (!activation->queue)
		return;
	block->is_queued = true;
	activation->queue[activation->nr_queue++] = block->number;
	for (; i > 0 && queue_va(activation, i) < queue_va(activation, (i - 1) / 2);
	     i = (i - 1) / 2)
		swap_queue(activation, i, (i - 1) / 2);
}

struct block *blocks_next(struct activation *activation)
{
	struct block *block = activation->blocks[activation->queue[0]];
	size_t i = 0;

	activation->queue[0] = activation->queue[--activation->nr_queue];
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
			if (child < activation->nr_queue &&
			    queue_va(activation, child) < queue_va(activation, least))
				least = child;
		if (least == i)
			break;
		swap_queue(activation, i, least);
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
	if (block->nr_edges < BLOCK_MAX_EDGES)
		block->edges[block->nr_edges++] = va;
}

/* Joins @state into a state of @block that loses nothing by it. If there is none, @state
 * becomes one more. If there are too many, it is joined into the last.
 */
static void add_state(struct activation *activation, struct block *block,
		      const struct state *state)
{
	unsigned most = activation->is_exact ? activation->flow->limits.max_states
					     : COARSE_STATES,
		 i;
	struct flow *flow = activation->flow;
	uint32_t fingerprint;

	fingerprint = state_fingerprint(state, activation->is_exact);
	for (i = 0; i < block->nr_states; i++)
		if (block->states[i]->fingerprint == fingerprint &&
		    state_is_compatible(block->states[i], state, activation->is_exact))
			break;
	if (i == block->nr_states && i == most) {
		flow->was_full = true;
		i--;
	}
	if (i < block->nr_states) {
		if (!state_join(block->states[i], state))
			return;
		fingerprint = state_fingerprint(block->states[i], activation->is_exact);
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
	block->states[i]->fingerprint = fingerprint;
	block->pending |= 1ULL << i;
	enqueue(activation, block);
}

static bool is_worth_entering(const struct activation *activation,
			      const struct block *block, const struct state *state)
{
	size_t i = (size_t)(block->first - block->section->insns);

	return !(activation->flow->is_pruning && !activation->caller &&
		 prune_has(block->section, i) &&
		 prune_is_plain(activation->flow->input->landmarks, state,
				activation->flow->has_entries));
}

void blocks_enter(struct activation *activation, struct block *from, uint64_t va,
		  const struct state *state)
{
	struct block *block = get_block(activation, va);

	if (!block || !is_worth_entering(activation, block, state))
		return;
	if (from)
		add_edge(from, va);
	add_state(activation, block, state);
}

struct block *blocks_pass(struct activation *activation, struct block *from,
			  const struct insn *insn, uint64_t va, const struct state *state)
{
	struct block *block;

	if (insn->flags & INSN_LEADER) {
		blocks_enter(activation, from, va, state);
		return NULL;
	}
	block = get_block(activation, va);
	if (!block || block->first != insn ||
	    !is_worth_entering(activation, block, state))
		return NULL;
	add_edge(from, va);
	return block;
}

void blocks_leave(struct activation *activation, struct block *block,
		  const struct state *state)
{
	size_t i;

	block->is_exit = true;
	if (!activation->caller)
		return;
	for (i = 0; i < activation->nr_exits; i++)
		if (state_is_compatible(activation->exits[i], state,
					activation->is_exact))
			break;
	if (i == ACTIVATION_MAX_EXITS)
		i--;
	if (i < activation->nr_exits) {
		state_join(activation->exits[i], state);
		return;
	}
	activation->exits[i] = keep(activation->flow, state);
	if (activation->exits[i])
		activation->nr_exits++;
}

void blocks_event(struct activation *activation, uint64_t site, struct flow_event event)
{
	struct flow *flow = activation->flow;
	struct pending_event pending = {
		.site = site,
		.is_decided = !(event.bits & STATE_FORKED),
	};
	int r;

	if (flow->is_pruning) {
		flow->has_news = true;
		return;
	}
	event.site = site;
	event.root = flow->root;
	event.parameter = flow->parameter ? flow->parameter->name : NULL;
	event.is_conditional = true;
	r = events_add(flow->result, &event, &pending.number);
	if (r == 0)
		r = events_pend(&activation->events, &pending);
	if (r == -ENOSPC)
		flow->was_bounded = true;
	else if (r < 0)
		flow->has_failed = true;
}
