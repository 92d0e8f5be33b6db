/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls a function in the machine and waits for its return. */
#include "machine/call.h"

#ifdef KWCHECK_UNICORN

#include <stdlib.h>

#include "machine/exec.h"

uint64_t machine_next_call(struct machine *machine)
{
	uint64_t top = machine->run.nr_frames > 0 ? machine_register(machine, X86_RSP)
						  : machine->stack_top;

	/* Some room below what is there, and the alignment that a call has. */
	return (top - 256) & ~(uint64_t)15;
}

void machine_end_call(struct machine *machine, uint64_t value)
{
	machine_set_register(machine, X86_RSP, machine->run.call_rsp);
	machine_set_register(machine, MACHINE_RIP, machine->return_marker);
	machine_set_register(machine, X86_RAX, value);
}

void machine_call(struct machine *machine, uint64_t function, size_t nr_arguments,
		  const uint64_t arguments[], struct machine_result *ret)
{
	bool is_nested = machine->run.nr_frames > 0;
	uint64_t saved[MACHINE_NR_REGISTERS], rsp, passed = machine->run.passed_watch,
						   outer = machine->run.call_rsp;
	size_t nr_frames = machine->run.nr_frames;

	machine_get_registers(machine, saved);
	machine->run.call_rsp = machine_next_call(machine);
	rsp = machine->run.call_rsp - 8;
	if (!machine->run.has_ended &&
	    machine_write(machine, rsp, &machine->return_marker,
			  sizeof(machine->return_marker)) < 0)
		machine_stop(machine, MACHINE_UNREADABLE, "there is no stack");
	for (size_t i = 0; i < nr_arguments && i < X86_NR_ARGUMENTS; i++)
		machine_set_register(machine, x86_arguments[i], arguments[i]);
	for (size_t i = X86_NR_ARGUMENTS; i < nr_arguments; i++)
		machine_write(machine, rsp + 8 * (i + 1 - X86_NR_ARGUMENTS),
			      &arguments[i], sizeof(arguments[i]));
	machine_set_register(machine, X86_RSP, rsp);
	machine_set_register(machine, MACHINE_RIP, function);
	machine_set_register(machine, MACHINE_RFLAGS, 0x202); /* interrupts on */
	if (machine->run.nr_frames < machine->limits.depth)
		machine->run.frames[machine->run.nr_frames++] =
			(struct machine_call_site){.callee = function,
						   .back = machine->return_marker};
	machine->run.passed_watch = 0;
	machine_forget_branch(machine);
	exec_until(machine, rsp + 8, ret);
	machine->run.call_rsp = outer;
	machine->run.nr_frames = nr_frames;
	machine->run.passed_watch = passed;
	machine_forget_branch(machine);
	if (ret->end == MACHINE_RETURNED) {
		machine_set_registers(machine, saved);
	} else if (is_nested && !machine->run.within) {
		machine->run.within = malloc(sizeof(*machine->run.within));
		if (machine->run.within)
			*machine->run.within = *ret;
	}
}

#endif
