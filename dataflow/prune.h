/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a function has nothing left to report: no seed is reached from there. If the
 * state holds nothing special either, interpretation may stop.
 */
#ifndef KWCHECK_DATAFLOW_PRUNE_H
#define KWCHECK_DATAFLOW_PRUNE_H

#include <stdbool.h>

#include "dataflow/relevant.h"
#include "dataflow/state.h"
#include "insn/section.h"

/* prune_mark - computes which instructions of @range are pruned
 * That is so for relevant->hot_sections as it is now. A second call for the same hot
 * sections does nothing. Instructions of a range that was never marked are not pruned.
 */
void prune_mark(const struct relevant *relevant, struct function_range *range);

/* Is instruction @i pruned? It is if the next notable one is: nothing is between. */
static inline bool prune_has(const struct code_section *section, size_t i)
{
	size_t next = section_next_notable(section, i, section->nr_insns);

	return section_has(section->pruned, next);
}

/* prune_is_plain - can no address of something special be made of what @state holds?
 * @has_entries: what a function returned may be the address of a page-table entry.
 */
bool prune_is_plain(const struct landmarks *landmarks, const struct state *state,
		    bool has_entries);

#endif
