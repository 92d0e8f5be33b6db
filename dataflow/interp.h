/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function being interpreted: the inside of flow.h, shared by flow.c, step.c and
 * call.c.
 */
#ifndef KWCHECK_DATAFLOW_INTERP_H
#define KWCHECK_DATAFLOW_INTERP_H

#include "dataflow/arena.h"
#include "dataflow/callee.h"
#include "dataflow/flow.h"
#include "dataflow/input.h"
#include "dataflow/relevant.h"
#include "dataflow/state.h"

/* Why a branch went as it did. */
enum frame_cause {
	FRAME_CALL_RESULT = 1 << 0, /* on what a called function returned */
	FRAME_OTHER = 1 << 1,	    /* on something that is not known here */
};

enum { FRAME_MAX_STATES = 64, FRAME_MAX_EDGES = 4 };

/* Straight-line code from va to its branch, with the states that have come to it. */
struct block {
	uint64_t va, last_va;
	uint32_t number; /* in the frame */
	struct insn *first;
	const struct code_section *section;
	struct state **states;
	unsigned nr_states, room;
	uint64_t pending; /* bit n: states[n] has not been interpreted yet */
	uint64_t edges[FRAME_MAX_EDGES];
	unsigned nr_edges;
	unsigned causes; /* of its branch: enum frame_cause */
	bool is_exit, is_queued;
	uint8_t mark; /* for searches */
};

/* An event of this frame or of one it called, at an instruction of this one. */
struct pending_event {
	size_t event;
	uint64_t site;
	bool is_conditional;
	bool is_decided; /* all branches on the way from the root are known to go there */
};

struct frame {
	struct flow *flow;
	struct frame *caller;
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
	struct state *exits[8];
	size_t nr_exits;
	struct pending_event *events;
	size_t nr_events, events_room;
	uint64_t events_site; /* the call that is being interpreted */
};

/* A variable of the module: what its code stores there. */
struct global {
	uint64_t va; /* 0: free */
	struct value value;
	bool has_other; /* something else is stored, too */
};

enum { FLOW_NR_GLOBALS = 1024 };

struct attempt;

struct flow {
	const struct input *input;
	struct flow_events *result;
	size_t events_room, lookups_room;
	enum flow_root root;
	const struct parameter *parameter; /* FLOW_PARAMETER */
	struct arena arena;
	struct global globals[FLOW_NR_GLOBALS];
	bool globals_changed;
	struct relevant relevant;
	const struct attempt *attempts; /* ways to try each root, flow.c */
	size_t nr_steps, max_steps;	/* of the root */
	unsigned max_states;		/* per block, when following exactly */
	unsigned max_depth;		/* of calls */
	bool ends_when_full, was_full;	/* max_states were kept and one more came */
	uint64_t next_heap;
	/* A first look at a root, which stops where prune.h says that nothing comes. */
	bool is_pruning;
	bool has_news;	  /* that look has come on something: it must be a whole one */
	bool has_entries; /* addresses of page-table entries have been returned */
	bool has_failed;  /* -ENOMEM */
	bool was_bounded; /* the root took more steps than allowed */
};

/* Memory that the module has allocated: addresses that nothing else has. */
static const uint64_t FRAME_HEAP = 0x00007e0000000000;
static const uint64_t FRAME_HEAP_STRIDE = 1 << 20;

/* frame_run - interprets the function at @entry
 * @state: on entry; its exits are joined into as few as lose nothing and given in @exits,
 * which live in the flow's arena. Returns how many.
 */
size_t frame_run(struct flow *flow, struct frame *caller, uint64_t entry, bool is_exact,
		 const struct state *state, struct state *exits[8]);

/* The block that starts at @va, or NULL. */
struct block *frame_block(const struct frame *frame, uint64_t va);

/* Control may go on at @va with @state. */
void frame_enter(struct frame *frame, struct block *from, uint64_t va,
		 const struct state *state);

/* An event at instruction @site of @frame. Repeated ones are counted once. */
void frame_event(struct frame *frame, uint64_t site, struct flow_event event);

/* A working copy of @state, in the arena. */
struct state *frame_copy(struct flow *flow, const struct state *state);

/* step_insn - the effect of one instruction that is no branch on @state */
void step_insn(struct frame *frame, struct state *state, const struct insn *insn,
	       uint64_t va);

/* The value of an operand: a register, the immediate or the memory operand. */
struct value step_source(struct frame *frame, struct state *state,
			 const struct insn *insn, uint8_t which, unsigned bytes);

/* Is it the address of a page-table entry? */
bool step_is_entry_address(const struct flow *flow, struct value address);

/* What @bytes at @address hold. */
struct value step_load(struct frame *frame, const struct state *state,
		       struct value address, unsigned bytes);

/* What the MSR of that number holds. false: not known. */
bool step_read_msr(const struct flow *flow, struct value number, uint64_t *ret);

/* A constant as a value, with what is known of it as an address. */
struct value step_constant(struct flow *flow, uint64_t n, bool is_relocated);

/* call_insn - a call or a jump out of the function
 *
 * @block: that the call ends if it must. Returns whether control goes on behind it with
 * @state; false: it does not, or has been entered by the call's exits.
 */
bool call_insn(struct frame *frame, struct block *block, struct state *state,
	       const struct insn *insn, uint64_t va, uint64_t next_va);

#endif
