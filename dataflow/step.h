/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The effect of one instruction on what is known. */
#ifndef KWCHECK_DATAFLOW_STEP_H
#define KWCHECK_DATAFLOW_STEP_H

#include "dataflow/blocks.h"

/* step_insn - the effect on @state of @insn at @va, which is no branch */
void step_insn(struct activation *activation, struct state *state,
	       const struct insn *insn, uint64_t va);

#endif
