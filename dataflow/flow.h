/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a module's code writes: an abstract interpreter over its instructions.
 *
 * From init, from each parameter's handler and from exit the code is followed path by
 * path with every constant known, calls included, so that loops over tables and lists of
 * sealed memory come out element by element. Everything else is looked at function by
 * function with unknown arguments, and only the addresses of sealed memory are kept
 * apart. It is a crash preventer: memory that is aliased, or reached by pointers it
 * cannot follow, is not modelled, and an author who means to hide a store can.
 */
#ifndef KWCHECK_DATAFLOW_FLOW_H
#define KWCHECK_DATAFLOW_FLOW_H

#include "dataflow/events.h"
#include "insn/code.h"
#include "module/addrspace.h"
#include "module/parameters.h"

/* flow_run - what the code of the module in @space does to sealed memory
 * @parameters: whose values are known. @ret: to be freed by events_free(). Returns 0 or
 * -ENOMEM.
 */
int flow_run(struct flow_events *ret, struct addrspace *space, const struct code *code,
	     const struct parameters *parameters);

#endif
