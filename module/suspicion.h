/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is suspicious in a module without any of its code being followed: names of sealed
 * objects among its strings, pointers to them in its data, parameters that set constants.
 */
#ifndef KWCHECK_MODULE_SUSPICION_H
#define KWCHECK_MODULE_SUSPICION_H

#include "module/finding.h"
#include "module/flow.h"
#include "module/parameter.h"

/* suspicion_check - adds findings; the module is space->place, loaded
 * @events: a name that the dataflow saw looked up is accounted for by what it saw done
 * with the address.
 */
void suspicion_check(struct findings *findings, struct space *space,
		     const struct parameters *parameters,
		     const struct flow_events *events);

#endif
