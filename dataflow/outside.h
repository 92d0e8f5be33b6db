/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call of something outside the module does. No code of the module is run here. */
#ifndef KWCHECK_DATAFLOW_OUTSIDE_H
#define KWCHECK_DATAFLOW_OUTSIDE_H

#include "dataflow/blocks.h"

/* A function of the module that the callee calls back. */
struct callback {
	uint64_t entry;
	struct state *state; /* on entry, as at the call; in the arena. NULL: none */
};

/* One call, or jump out of the function. */
struct call {
	struct activation *activation;
	struct state *state;
	uint64_t va;	  /* of the instruction */
	const char *name; /* of the callee; NULL: not known */
	const struct callee *callee;
	bool is_return, is_allocator, is_paravirt; /* what the callee is by its name */
	struct value target, result;
	struct callback callback;
};

/* Sets target, and what the instruction's symbol says of the callee. */
void outside_find_target(struct call *call, const struct insn *insn);

/* outside_call - what the call, whose target is not the module's code, does to its state
 * A callback is left in call->callback, to be run behind this. Returns whether the callee
 * returns.
 */
bool outside_call(struct call *call);

#endif
