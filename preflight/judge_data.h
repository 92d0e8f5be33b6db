/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings from a module's data alone: its strings name sealed objects, its data points
 * to them, or one of its parameters sets a constant.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_DATA_H
#define KWCHECK_PREFLIGHT_JUDGE_DATA_H

#include "dataflow/flow.h"
#include "module/parameters.h"
#include "preflight/finding.h"

/* judge_data - adds what is suspicious in the data of space->mod, which is relocated
 * @events: a name that the dataflow saw looked up is accounted for by what it saw done
 * with the address.
 */
void judge_data(struct findings *findings, struct addrspace *space,
		const struct parameters *parameters, const struct flow_events *events);

#endif
