/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls a function in the machine and waits for its return. */
#ifndef KWCHECK_MACHINE_CALL_H
#define KWCHECK_MACHINE_CALL_H

#include "machine/cpu.h"

/* machine_call - calls @function with up to eight arguments and runs until it returns
 * Also from within a watch function: the registers are as before afterwards. If it does
 * not return there, neither does what the watch function interrupted.
 */
void machine_call(struct machine *machine, uint64_t function, size_t nr_arguments,
		  const uint64_t arguments[], struct machine_result *ret);

/* What run.call_rsp will be in the next call: the stack pointer that it returns with. */
uint64_t machine_next_call(struct machine *machine);

/* In a watch function: the innermost machine_call() returns @value, wherever it is. */
void machine_end_call(struct machine *machine, uint64_t value);

#endif
