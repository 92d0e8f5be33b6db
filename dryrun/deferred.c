/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another task would do while the module's init waits. */
#include "dryrun/deferred.h"

#ifdef KWCHECK_UNICORN

#include <string.h>

#include "dryrun/reason.h"
#include "dryrun/task.h"
#include "machine/call.h"

static bool find(const struct deferred *deferred, uint64_t work, size_t *ret)
{
	for (*ret = 0; *ret < deferred->nr_queued; ++*ret)
		if (deferred->queued[*ret] == work)
			return true;
	return false;
}

void deferred_queue(struct deferred *deferred, uint64_t work)
{
	size_t i;

	deferred->nr++;
	if (!find(deferred, work, &i) && deferred->nr_queued < DEFERRED_MAX_QUEUED)
		deferred->queued[deferred->nr_queued++] = work;
}

static void take(struct deferred *deferred, size_t i)
{
	deferred->nr_queued--;
	memmove(&deferred->queued[i], &deferred->queued[i + 1],
		(deferred->nr_queued - i) * sizeof(deferred->queued[0]));
}

bool deferred_cancel(struct deferred *deferred, uint64_t work)
{
	size_t i;

	if (!find(deferred, work, &i))
		return false;
	take(deferred, i);
	return true;
}

static void run_work(struct machine *machine, uint64_t work)
{
	uint64_t function = 0;
	struct machine_result result;
	uint32_t offset;

	if (types_offset(&machine->kernel->types, "work_struct", "func", &offset) < 0 ||
	    machine_read(machine, work + offset, &function, sizeof(function)) < 0)
		return;
	machine_call(machine, function, 1, &work, &result);
	if (result.end != MACHINE_RETURNED && !machine->run.has_ended)
		machine_stop(machine, DRYRUN_INVENTED, "deferred work did not end well");
}

bool deferred_flush(struct deferred *deferred, struct machine *machine, uint64_t work)
{
	if (!deferred_cancel(deferred, work))
		return false;
	run_work(machine, work);
	return true;
}

void deferred_add_thread(struct deferred *deferred, uint64_t task, uint64_t function,
			 uint64_t data)
{
	deferred->nr++;
	if (deferred->nr_threads < DEFERRED_MAX_THREADS)
		deferred->threads[deferred->nr_threads++] = (struct deferred_thread){
			.task = task, .function = function, .data = data};
}

void deferred_wake(struct deferred *deferred, uint64_t task)
{
	for (size_t i = 0; task && i < deferred->nr_threads; i++)
		deferred->threads[i].is_awake |= deferred->threads[i].task == task;
}

void deferred_drop_thread(struct deferred *deferred, uint64_t task)
{
	for (size_t i = 0; i < deferred->nr_threads; i++)
		if (deferred->threads[i].task == task)
			deferred->threads[i].task = 0;
}

static void run_thread(struct deferred *deferred, struct machine *machine,
		       const struct deferred_thread *thread)
{
	uint64_t outer = deferred->call_rsp, self = task_current(machine);
	struct machine_result result;

	task_set_current(machine, thread->task);
	deferred->call_rsp = machine_next_call(machine);
	machine_call(machine, thread->function, 1, &thread->data, &result);
	deferred->call_rsp = outer;
	task_set_current(machine, self);
	if (result.end != MACHINE_RETURNED && !machine->run.has_ended)
		machine_stop(machine, DRYRUN_INVENTED,
			     "a thread that was started did not end well");
}

bool deferred_run_one(struct deferred *deferred, struct machine *machine)
{
	if (deferred->nr_queued) {
		uint64_t work = deferred->queued[0];

		take(deferred, 0);
		run_work(machine, work);
		return true;
	}
	for (size_t i = 0; i < deferred->nr_threads; i++) {
		struct deferred_thread thread = deferred->threads[i];

		if (!thread.task || !thread.is_awake)
			continue;
		deferred->threads[i].task = 0;
		run_thread(deferred, machine, &thread);
		return true;
	}
	return false;
}

bool deferred_end_thread(struct deferred *deferred, struct machine *machine)
{
	if (!deferred->call_rsp || machine->run.call_rsp != deferred->call_rsp)
		return false;
	machine_end_call(machine, 0);
	return true;
}

#endif
