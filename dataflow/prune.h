/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a function has nothing left to tell: no seed is reached from there. With nothing
 * special in the state, interpretation may stop.
 */
#ifndef KWCHECK_DATAFLOW_PRUNE_H
#define KWCHECK_DATAFLOW_PRUNE_H

#include <stdbool.h>

#include "insn/code.h"

struct flow;
struct seed_range;
struct state;

/* quiet_mark - which of the range's instructions are quiet: all that quiet_is() is asked
 * about are of ranges that have been marked, or not quiet
 * For what flow->hot_sections is now; does nothing if that has been done.
 */
void quiet_mark(struct flow *flow, struct seed_range *range);

/* Is instruction @i? As the next notable one is: nothing is between. */
static inline bool quiet_is(const struct code_section *section, size_t i)
{
	size_t next = section_next_notable(section, i, section->nr_insns);

	return section_has(section->pruned, next);
}

/* Does @state hold nothing that an address of something special could be made of? */
bool quiet_is_plain(const struct flow *flow, const struct state *state);

#endif
