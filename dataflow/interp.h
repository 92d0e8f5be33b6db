/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets functions: runs their blocks, and goes into what they call. */
#ifndef KWCHECK_DATAFLOW_INTERP_H
#define KWCHECK_DATAFLOW_INTERP_H

#include "dataflow/blocks.h"

/* interp_run - interprets the function at @entry
 * @caller: NULL for a root. @state: on entry. The states in which the function returns
 * are joined into as few as lose nothing and given in @exits; they live in the flow's
 * arena. Returns how many.
 */
size_t interp_run(struct flow *flow, struct activation *caller, uint64_t entry,
		  bool is_exact, const struct state *state,
		  struct state *exits[ACTIVATION_MAX_EXITS]);

#endif
