/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function being interpreted: its blocks, the states that have come to them, and
 * which block is next. And what all activations of one analysis share.
 */
#ifndef KWCHECK_DATAFLOW_BLOCKS_H
#define KWCHECK_DATAFLOW_BLOCKS_H

#include "dataflow/arena.h"
#include "dataflow/events.h"
#include "dataflow/globals.h"
#include "dataflow/input.h"
#include "dataflow/relevant.h"
#include "dataflow/state.h"

/* Why a branch went as it did. */
enum block_cause {
	BLOCK_CALL_RESULT = 1 << 0, /* by what a called function returned */
	BLOCK_OTHER = 1 << 1,	    /* by something that is not known here */
};

enum { BLOCK_MAX_STATES = 64, BLOCK_MAX_EDGES = 4 };

/* Straight-line code from va to its branch, with the states that have come to it. */
struct block {
	uint64_t va, last_va;
	uint32_t number; /* in the activation */
	struct insn *first;
	const struct code_section *section;
	struct state **states;
	unsigned nr_states, room;
	uint64_t pending; /* bit n: states[n] has not been interpreted yet */
	uint64_t edges[BLOCK_MAX_EDGES];
	unsigned nr_edges;
	unsigned causes; /* of its branch: enum block_cause */
	bool is_exit, is_queued;
	uint8_t mark; /* for searches */
};

enum { ACTIVATION_MAX_EXITS = 8 };

/* A function being interpreted, called by another or from a root. */
struct activation {
	struct flow *flow;
	struct activation *caller; /* NULL: a root */
	uint64_t entry;
	unsigned depth;
	bool is_exact;
	struct block **blocks;
	size_t nr_blocks, blocks_room;
	uint32_t *table; /* by va: a block's number + 1 */
	size_t table_room;
	uint32_t *queue; /* a heap by va */
	size_t nr_queue, queue_room;
	struct state *spare; /* to make one from another */
	struct state *exits[ACTIVATION_MAX_EXITS];
	size_t nr_exits;
	struct pending_events
		events;	      /* not in the arena: they outlive what callees took */
	uint64_t events_site; /* the call that is being interpreted */
};

/* How far a root is followed. */
struct flow_limits {
	unsigned max_states; /* kept apart in a block, when following exactly */
	unsigned max_depth;  /* of calls that are gone into */
	size_t max_steps;    /* instructions */
	bool ends_when_full; /* once more than max_states come to some block */
};

/* What all activations share. */
struct flow {
	const struct input *input;
	struct flow_events *result;
	enum flow_root root;
	const struct parameter *parameter; /* FLOW_PARAMETER */
	struct arena arena;
	struct globals globals;
	struct relevant relevant;
	const struct flow_limits *attempts; /* ways to try each root, flow.c */
	struct flow_limits limits;	    /* of this root */
	size_t nr_steps;		    /* of this root */
	bool was_full;	    /* max_states were kept in some block, and one more came */
	uint64_t next_heap; /* what an allocator returns next */
	bool is_pruning;    /* a first look, which stops where prune.h says so */
	bool has_news;	    /* that look has come on something: a whole one must follow */
	bool has_entries;   /* addresses of page-table entries have been returned */
	bool has_failed;    /* -ENOMEM */
	bool was_bounded;   /* the root took more steps than allowed */
};

/* The block that starts at @va, or NULL. */
struct block *blocks_at(const struct activation *activation, uint64_t va);

/* blocks_enter - control may go on at @va with @state
 * @from: the block it comes from, or NULL.
 */
void blocks_enter(struct activation *activation, struct block *from, uint64_t va,
		  const struct state *state);

/* blocks_pass - control goes on from @from to the next instruction, @insn at @va
 * Returns the block that starts there, to be gone on with in @state. NULL: it is not gone
 * on with, or something else goes there, too, and the state has been entered.
 */
struct block *blocks_pass(struct activation *activation, struct block *from,
			  const struct insn *insn, uint64_t va,
			  const struct state *state);

/* Control leaves the function behind @block with @state. */
void blocks_leave(struct activation *activation, struct block *block,
		  const struct state *state);

/* Takes the next block off the queue, which is not empty. */
struct block *blocks_next(struct activation *activation);

/* An event at instruction @site of @activation. Repeated ones are counted once. */
void blocks_event(struct activation *activation, uint64_t site, struct flow_event event);

/* A working copy of @state, in the arena. NULL: no memory. */
struct state *blocks_copy(struct flow *flow, const struct state *state);

#endif
