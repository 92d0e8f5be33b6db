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

/* machine_call_on - the same on another stack, which grows down from @stack_top */
void machine_call_on(struct machine *machine, uint64_t stack_top, uint64_t function,
		     size_t nr_arguments, const uint64_t arguments[],
		     struct machine_result *ret);

/* Where a call on a stack of its own was left, to go on there. */
struct machine_context {
	uint64_t registers[MACHINE_NR_REGISTERS];
	uint64_t call_rsp;
};

/* machine_suspend - in a watch function: the innermost machine_call_on() returns 0 to
 * its caller; @ret is where its code stands
 */
void machine_suspend(struct machine *machine, struct machine_context *ret);

/* machine_resume - goes on there, as machine_call_on() would have */
void machine_resume(struct machine *machine, const struct machine_context *context,
		    struct machine_result *ret);

/* What run.call_rsp will be in the next call: the stack pointer that it returns with. */
uint64_t machine_next_call(struct machine *machine);
uint64_t machine_next_call_on(uint64_t stack_top);

/* In a watch function: the innermost machine_call() returns @value, wherever it is. */
void machine_end_call(struct machine *machine, uint64_t value);

#endif
