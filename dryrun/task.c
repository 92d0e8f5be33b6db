/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The task that a module is loaded by, and what its CPU must look like meanwhile. */
#include "dryrun/task.h"

#ifdef KWCHECK_UNICORN

#include "machine/cpu.h"

/* arch/x86/include/asm/page_64_types.h, without KASAN. */
static const uint64_t THREAD_SIZE = 16384;
/* Room below the saved user registers at the stack's top. */
static const uint64_t STACK_TOP_RESERVE = 512;

/* The task after init_task in the list: process 1. */
static bool find_task(struct machine *machine, uint64_t *ret_task, uint64_t *ret_stack)
{
	struct kernel *kernel = machine->kernel;
	uint64_t init_task = kernel->labels[LABEL_INIT_TASK], next;
	uint32_t at_tasks, at_stack;

	if (!init_task ||
	    types_offset(&kernel->types, "task_struct", "tasks", &at_tasks) < 0 ||
	    types_offset(&kernel->types, "task_struct", "stack", &at_stack) < 0 ||
	    !machine_read_pointer(machine, init_task + at_tasks, &next))
		return false;
	*ret_task = next - at_tasks;
	return machine_read_pointer(machine, *ret_task + at_stack, ret_stack);
}

/* Where a per-CPU variable of this CPU lies: the symbol @name, or @member of pcpu_hot
 * (6.2 to 6.14). false: this kernel has neither.
 */
static bool find_per_cpu(const struct machine *machine, const char *name,
			 const char *member, uint64_t *ret)
{
	struct kernel *kernel = machine->kernel;
	uint32_t offset = 0;
	uint64_t va;

	if (!symbols_address(&kernel->symbols, name, &va) &&
	    (!symbols_address(&kernel->symbols, "pcpu_hot", &va) ||
	     types_offset(&kernel->types, "pcpu_hot", member, &offset) < 0))
		return false;
	*ret = va + offset + machine->per_cpu;
	return true;
}

static bool find_current(const struct machine *machine, uint64_t *ret)
{
	return find_per_cpu(machine, "current_task", "current_task", ret);
}

/* PREEMPT_ENABLED: nothing disabled, no reschedule wanted (that bit is inverted, and the
 * count's highest; 7.x widened it).
 */
static void enable_preemption(struct machine *machine)
{
	const struct types *types = &machine->kernel->types;
	uint32_t size = 4;
	uint64_t none, va;

	types_variable_size(types, "__preempt_count", &size);
	none = size == 8 ? 1ULL << 63 : 1ULL << 31;
	if (find_per_cpu(machine, "__preempt_count", "preempt_count", &va))
		machine_write(machine, va, &none, size == 8 ? 8 : 4);
}

/* Without its thread, a CPU's hotplug callbacks run where they are asked for:
 * kernel/cpu.c:cpuhp_invoke_ap_callback().
 */
static void forget_hotplug_threads(struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	static const uint64_t none;
	uint64_t state, va;
	uint32_t at_thread;

	if (!symbols_address(&kernel->symbols, "cpuhp_state", &state) ||
	    types_offset(&kernel->types, "cpuhp_cpu_state", "thread", &at_thread) < 0)
		return;
	for (unsigned cpu = 0; kernel_per_cpu(kernel, state, cpu, &va) == 0; cpu++)
		machine_write(machine, va + at_thread, &none, sizeof(none));
}

void task_set_current(struct machine *machine, uint64_t task)
{
	uint64_t va;

	if (find_current(machine, &va))
		machine_write(machine, va, &task, sizeof(task));
}

bool task_enter(struct machine *machine, uint64_t return_marker)
{
	uint64_t task, stack;

	if (!find_task(machine, &task, &stack))
		return false;
	machine_set_stack(machine, stack + THREAD_SIZE - STACK_TOP_RESERVE,
			  return_marker);
	task_set_current(machine, task);
	enable_preemption(machine);
	forget_hotplug_threads(machine);
	return true;
}

/* include/linux/sched.h: TASK_RUNNING is 0; the member was "state" before 5.14. */
static uint64_t state_of(const struct machine *machine, uint64_t task)
{
	const struct types *types = &machine->kernel->types;
	uint32_t offset;

	return types_offset(types, "task_struct", "__state", &offset) == 0 ||
			       types_offset(types, "task_struct", "state", &offset) == 0
		       ? task + offset
		       : 0;
}

bool task_is_running(struct machine *machine, uint64_t task)
{
	uint64_t va = state_of(machine, task);
	uint32_t state;

	return va && machine_read(machine, va, &state, sizeof(state)) == 0 && !state;
}

void task_set_running(struct machine *machine, uint64_t task)
{
	static const uint32_t running;
	uint64_t va = state_of(machine, task);

	if (va)
		machine_write(machine, va, &running, sizeof(running));
}

uint64_t task_current(struct machine *machine)
{
	uint64_t va, task;

	return find_current(machine, &va) && machine_read_pointer(machine, va, &task)
		       ? task
		       : 0;
}

#endif
