/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls a function in the machine and waits for its return. */
#include "machine/call.h"

#ifdef KWCHECK_UNICORN

#include <stdlib.h>

#include "machine/exec.h"

uint64_t machine_next_call_on(uint64_t stack_top)
{
	/* Some room below what is there, and the alignment that a call has. */
	return (stack_top - 256) & ~(uint64_t)15;
}

uint64_t machine_next_call(struct machine *machine)
{
	return machine_next_call_on(machine->run.nr_frames > 0
					    ? machine_register(machine, X86_RSP)
					    : machine->stack_top);
}

void machine_end_call(struct machine *machine, uint64_t value)
{
	machine_set_register(machine, X86_RSP, machine->run.call_rsp);
	machine_set_register(machine, MACHINE_RIP, machine->return_marker);
	machine_set_register(machine, X86_RAX, value);
}

/* How the run was before a call from outside, to be so again. */
struct before {
	uint64_t registers[MACHINE_NR_REGISTERS], passed_watch, call_rsp;
	size_t nr_frames;
};

static void save(struct machine *machine, struct before *ret)
{
	machine_get_registers(machine, ret->registers);
	ret->passed_watch = machine->run.passed_watch;
	ret->call_rsp = machine->run.call_rsp;
	ret->nr_frames = machine->run.nr_frames;
}

/* Runs from where the registers are until the call that returns to @call_rsp is over. */
static void run(struct machine *machine, uint64_t call_rsp, const struct before *before,
		struct machine_result *ret)
{
	if (machine->run.nr_frames < machine->limits.depth)
		machine->run.frames[machine->run.nr_frames++] =
			(struct machine_call_site){
				.callee = machine_register(machine, MACHINE_RIP),
				.back = machine->return_marker};
	machine->run.call_rsp = call_rsp;
	machine->run.passed_watch = 0;
	machine_forget_branch(machine);
	exec_until(machine, call_rsp, ret);
	machine->run.call_rsp = before->call_rsp;
	machine->run.nr_frames = before->nr_frames;
	machine->run.passed_watch = before->passed_watch;
	machine_forget_branch(machine);
	if (ret->end == MACHINE_RETURNED) {
		machine_set_registers(machine, before->registers);
	} else if (before->nr_frames > 0 && !machine->run.within) {
		machine->run.within = malloc(sizeof(*machine->run.within));
		if (machine->run.within)
			*machine->run.within = *ret;
	}
}

/* @call_rsp: where the stack stands after the call. */
static void call_at(struct machine *machine, uint64_t call_rsp, uint64_t function,
		    size_t nr_arguments, const uint64_t arguments[],
		    struct machine_result *ret)
{
	struct before before;
	uint64_t rsp = call_rsp - 8;

	save(machine, &before);
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
	run(machine, call_rsp, &before, ret);
}

void machine_call(struct machine *machine, uint64_t function, size_t nr_arguments,
		  const uint64_t arguments[], struct machine_result *ret)
{
	call_at(machine, machine_next_call(machine), function, nr_arguments, arguments,
		ret);
}

void machine_call_on(struct machine *machine, uint64_t stack_top, uint64_t function,
		     size_t nr_arguments, const uint64_t arguments[],
		     struct machine_result *ret)
{
	call_at(machine, machine_next_call_on(stack_top), function, nr_arguments,
		arguments, ret);
}

void machine_suspend(struct machine *machine, struct machine_context *ret)
{
	machine_get_registers(machine, ret->registers);
	ret->call_rsp = machine->run.call_rsp;
	machine_end_call(machine, 0);
}

void machine_resume(struct machine *machine, const struct machine_context *context,
		    struct machine_result *ret)
{
	struct before before;

	save(machine, &before);
	machine_set_registers(machine, context->registers);
	run(machine, context->call_rsp, &before, ret);
}

#endif
