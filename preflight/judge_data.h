/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is suspicious in a module without any of its code being followed: names of sealed
 * objects among its strings, pointers to them in its data, parameters that set constants.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_DATA_H
#define KWCHECK_PREFLIGHT_JUDGE_DATA_H

#include "dataflow/flow.h"
#include "module/parameters.h"
#include "preflight/finding.h"

/* judge_data - adds findings; the module is space->place, loaded
 * @events: a name that the dataflow saw looked up is accounted for by what it saw done
 * with the address.
 */
void judge_data(struct findings *findings, struct addrspace *space,
		const struct parameters *parameters, const struct flow_events *events);

#endif
