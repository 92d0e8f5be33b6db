/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings from the events that the dataflow saw in a module's code. */
#ifndef KWCHECK_PREFLIGHT_JUDGE_DATAFLOW_H
#define KWCHECK_PREFLIGHT_JUDGE_DATAFLOW_H

#include "dataflow/flow.h"
#include "preflight/finding.h"

/* judge_dataflow - adds a finding for each of @events that is worth one
 *
 * A fault is claimed only where the address is proved, the page is sealed, and no way
 * through the code that runs on this load leaves the store out but by the failure of
 * something it calls. Else it is a suspicion.
 */
void judge_dataflow(struct findings *findings, struct addrspace *space, struct code *code,
		    const struct parameters *parameters,
		    const struct flow_events *events);

#endif
