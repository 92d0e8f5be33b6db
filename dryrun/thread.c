/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel threads that a module starts: they are made, woken and ended here. */
#include "dryrun/thread.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>

#include "dryrun/handlers.h"
#include "dryrun/pagealloc.h"
#include "dryrun/reason.h"
#include "dryrun/task.h"

enum {
	KTHREAD_BYTES = 512, /* more than struct kthread has */
	TASK_ORDER = 3,
	TASK_BYTES = (1 << TASK_ORDER << 12) - KTHREAD_BYTES,
	STACK_ORDER = 2, /* THREAD_SIZE, without KASAN */
	STACK_BYTES = 1 << STACK_ORDER << 12,
};

/* kernel/kthread.c:to_kthread(): what kthreadd does not have. It lies behind @task. */
static void add_kthread(struct machine *machine, uint64_t task, uint64_t va,
			uint64_t function, uint64_t data)
{
	const struct types *types = &machine->kernel->types;
	static const unsigned char none[KTHREAD_BYTES];
	const struct {
		const char *member;
		uint64_t value;
	} members[] = {{"threadfn", function}, {"data", data}};
	uint32_t offset;

	machine_write(machine, va, none, sizeof(none));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (types_offset(types, "kthread", members[i].member, &offset) == 0 &&
		    offset <= KTHREAD_BYTES - 8)
			machine_write(machine, va + offset, &members[i].value, 8);
	/* Since 5.17 in a member of its own. */
	if (types_offset(types, "task_struct", "worker_private", &offset) == 0 ||
	    types_offset(types, "task_struct", "set_child_tid", &offset) == 0)
		machine_write(machine, task + offset, &va, sizeof(va));
}

/* From the kernel's own allocator. 0: there are none. */
static uint64_t take_pages(struct machine *machine, uint64_t order)
{
	struct machine_result result;
	uint64_t function;

	if (!pagealloc_function(&machine->kernel->symbols, &function))
		return 0;
	machine_call(machine, function, 2,
		     (const uint64_t[]){PAGEALLOC_GFP_KERNEL, order}, &result);
	return result.end == MACHINE_RETURNED ? result.value : 0;
}

/* A copy of kthreadd: a kernel thread in all that is looked at. The slab that
 * task_structs come from is of one size; whole pages do as well. 0: it cannot be made.
 */
static uint64_t copy_task(struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	unsigned char bytes[512];
	uint64_t va, from, task;
	uint32_t size;

	if (!symbols_address(&kernel->symbols, "kthreadd_task", &va) ||
	    !machine_read_pointer(machine, va, &from) ||
	    types_size(&kernel->types, "task_struct", &size) < 0 || size > TASK_BYTES)
		return 0;
	task = take_pages(machine, TASK_ORDER);
	for (uint32_t done = 0; task && done < size; done += sizeof(bytes)) {
		size_t n = size - done < sizeof(bytes) ? size - done : sizeof(bytes);

		if (machine_read(machine, from + done, bytes, n) < 0)
			break;
		machine_write(machine, task + done, bytes, n);
	}
	return task;
}

/* kthread_create_on_node(function, data, node, format, ...), and on_cpu */
void handle_create_thread(struct handler_state *state, struct machine *machine)
{
	uint64_t function = machine_argument(machine, 0),
		 data = machine_argument(machine, 1), task = copy_task(machine),
		 stack = task ? take_pages(machine, STACK_ORDER) : 0;
	uint32_t offset;

	if (!stack) {
		machine_stop(machine, DRYRUN_INVENTED, "it creates a thread");
		return;
	}
	add_kthread(machine, task, task + TASK_BYTES, function, data);
	if (types_offset(&machine->kernel->types, "task_struct", "stack", &offset) == 0)
		machine_write(machine, task + offset, &stack, sizeof(stack));
	deferred_add_thread(&state->deferred, task, function, data, stack + STACK_BYTES);
	machine_leave(machine, task);
}

/* kthread_create_on_cpu(function, data, cpu, format) */
void handle_create_thread_on(struct handler_state *state, struct machine *machine)
{
	uint64_t cpu = machine_argument(machine, 2);

	handle_create_thread(state, machine);
	if (cpu != machine->cpu)
		deferred_drop_thread(&state->deferred,
				     machine_register(machine, X86_RAX));
}

/* kthread_bind(task, cpu) */
void handle_bind_thread(struct handler_state *state, struct machine *machine)
{
	if (machine_argument(machine, 1) != machine->cpu)
		deferred_drop_thread(&state->deferred, machine_argument(machine, 0));
	machine_leave(machine, 0);
}

void handle_wake(struct handler_state *state, struct machine *machine)
{
	uint64_t task = machine_argument(machine, 0);

	deferred_wake(&state->deferred, task);
	task_set_running(machine, task);
	machine_leave(machine, 1);
}

/* do_exit(code), kthread_exit(code) */
void handle_exit_thread(struct handler_state *state, struct machine *machine)
{
	if (!deferred_end_thread(&state->deferred, machine, machine_argument(machine, 0)))
		machine_stop(machine, MACHINE_TRAP, "do_exit()");
}

/* kthread_stop(task): what its function returned. One that never ran does not. */
void handle_stop_thread(struct handler_state *state, struct machine *machine)
{
	enum { MAX_RUNS = 1000 };
	static const uint64_t SHOULD_STOP = 1 << 1;
	uint64_t task = machine_argument(machine, 0), flags = 0;
	const struct deferred_thread *thread = deferred_thread(&state->deferred, task);

	if (thread && !thread->has_begun)
		deferred_drop_thread(&state->deferred, task);
	/* struct kthread begins with its flags. */
	if (thread && !thread->has_ended &&
	    machine_read_pointer(machine, task + TASK_BYTES, &flags)) {
		flags |= SHOULD_STOP;
		machine_write(machine, task + TASK_BYTES, &flags, sizeof(flags));
		task_set_running(machine, task);
		deferred_wake(&state->deferred, task);
	}
	for (unsigned i = 0; i < MAX_RUNS && thread && !thread->has_ended &&
			     deferred_run_one(&state->deferred, machine);
	     i++)
		;
	if (thread && !thread->has_ended)
		machine_stop(machine, DRYRUN_WAITS,
			     "it waits for a thread that does not end");
	machine_leave(machine, thread ? thread->result : (uint64_t)-EINTR);
}

#endif
