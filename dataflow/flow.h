/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module's code does to sealed memory: an abstract interpreter over its
 * instructions.
 *
 * Init, the handler of each parameter and exit are followed path by path with every
 * constant known, calls included. So loops over tables and lists of sealed memory come
 * out element by element. All other code is looked at function by function with unknown
 * arguments, and only the addresses of sealed memory are kept apart.
 *
 * This prevents crashes and is no guard: memory that is aliased, or reached by pointers
 * that cannot be followed, is not modelled, and an author who means to hide a store can.
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
