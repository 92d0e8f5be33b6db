/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens while the module's init waits. */
#include "dryrun/deferred.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>

#include "dryrun/calltype.h"
#include "dryrun/hrtimer.h"
#include "dryrun/reason.h"
#include "dryrun/task.h"

static bool find(const struct deferred *deferred, enum deferred_kind kind, uint64_t va,
		 size_t *ret)
{
	for (*ret = 0; *ret < deferred->nr_items; ++*ret)
		if (deferred->items[*ret].va == va && deferred->items[*ret].kind == kind)
			return true;
	return false;
}

bool deferred_queue(struct deferred *deferred, enum deferred_kind kind, uint64_t va,
		    uint64_t due)
{
	size_t i;

	deferred->nr++;
	if (find(deferred, kind, va, &i))
		return false;
	if (deferred->nr_items < DEFERRED_MAX_ITEMS)
		deferred->items[deferred->nr_items++] = (struct deferred_item){
			.kind = kind, .va = va, .due = due};
	return true;
}

bool deferred_has(const struct deferred *deferred, enum deferred_kind kind, uint64_t va)
{
	size_t i;

	return find(deferred, kind, va, &i);
}

static void take(struct deferred *deferred, size_t i)
{
	deferred->nr_items--;
	memmove(&deferred->items[i], &deferred->items[i + 1],
		(deferred->nr_items - i) * sizeof(deferred->items[0]));
}

bool deferred_cancel(struct deferred *deferred, enum deferred_kind kind, uint64_t va)
{
	size_t i;

	if (!find(deferred, kind, va, &i))
		return false;
	take(deferred, i);
	return true;
}

/* What each kind is, the member with the function that gets its address, and a function
 * of the kernel's of that type.
 */
static const struct {
	const char *type, *member, *what, *like;
} kinds[] = {
	[DEFERRED_WORK] = {"work_struct", "func", "deferred work", "wq_barrier_func"},
	[DEFERRED_TIMER] = {"timer_list", "function", "a timer", "delayed_work_timer_fn"},
	[DEFERRED_CALLBACK] = {"callback_head", "func", "a callback", "wakeme_after_rcu"},
	[DEFERRED_TASKLET] = {"tasklet_struct", "func", "a tasklet", NULL},
	[DEFERRED_IRQ_WORK] = {"irq_work", "func", "interrupt work",
			       "wake_up_klogd_work_func"},
	[DEFERRED_HRTIMER] = {"hrtimer", "function", "a timer", "hrtimer_wakeup"},
	[DEFERRED_FIRMWARE] = {NULL, NULL, "what waits for firmware", NULL},
};

/* kernel/time/timer.c:detach_timer(): it is no more pending, so that it may be added.
 * false: it was not. struct hlist_node entry is first: next, pprev.
 */
static bool detach_timer(struct machine *machine, uint64_t timer)
{
	static const uint64_t none;
	uint64_t pprev;

	return machine_read_pointer(machine, timer + 8, &pprev) && pprev &&
	       machine_write(machine, timer + 8, &none, sizeof(none)) == 0;
}

/* kernel/softirq.c:tasklet_action_common(): it is no more scheduled. What it calls gets
 * its data, or itself (since 5.9, where use_callback says so).
 */
static uint64_t unschedule_tasklet(struct machine *machine, uint64_t tasklet)
{
	static const uint64_t SCHEDULED = 1;
	const struct types *types = &machine->kernel->types;
	uint64_t state = 0, data = tasklet;
	uint32_t offset;
	bool is_callback = false;

	if (types_offset(types, "tasklet_struct", "state", &offset) == 0 &&
	    machine_read_pointer(machine, tasklet + offset, &state)) {
		state &= ~SCHEDULED;
		machine_write(machine, tasklet + offset, &state, sizeof(state));
	}
	if (types_offset(types, "tasklet_struct", "use_callback", &offset) == 0)
		machine_read(machine, tasklet + offset, &is_callback, 1);
	if (!is_callback && types_offset(types, "tasklet_struct", "data", &offset) == 0)
		machine_read_pointer(machine, tasklet + offset, &data);
	return data;
}

/* kernel/workqueue.c: WORK_STRUCT_PENDING, bit 0 of its data. It may be queued again from
 * its own function on.
 */
static void unpend_work(struct machine *machine, uint64_t work)
{
	static const uint64_t PENDING = 1;
	uint32_t offset;
	uint64_t data;

	if (types_offset(&machine->kernel->types, "work_struct", "data", &offset) < 0 ||
	    !machine_read_pointer(machine, work + offset, &data) || !(data & PENDING))
		return;
	data &= ~PENDING;
	machine_write(machine, work + offset, &data, sizeof(data));
}

static bool find_function(struct machine *machine, const struct deferred_item *item,
			  uint64_t *ret)
{
	uint32_t offset;

	*ret = item->va;
	if (item->kind == DEFERRED_FIRMWARE)
		return true;
	return types_offset(&machine->kernel->types, kinds[item->kind].type,
			    kinds[item->kind].member, &offset) == 0 &&
	       machine_read_pointer(machine, item->va + offset, ret);
}

/* What it is before its function runs; false: it is not to. */
static bool begin_item(struct machine *machine, const struct deferred_item *item,
		       uint64_t arguments[2])
{
	arguments[0] = item->va;
	arguments[1] = 0;
	switch (item->kind) {
	case DEFERRED_TIMER:
		return detach_timer(machine, item->va);
	case DEFERRED_HRTIMER:
		hrtimer_set_queued(machine, item->va, false);
		return true;
	case DEFERRED_TASKLET:
		arguments[0] = unschedule_tasklet(machine, item->va);
		return true;
	case DEFERRED_FIRMWARE:
		arguments[0] = 0;
		arguments[1] = item->data;
		return true;
	case DEFERRED_WORK:
		unpend_work(machine, item->va);
		return true;
	case DEFERRED_CALLBACK:
	case DEFERRED_IRQ_WORK:
		break;
	}
	return true;
}

static void run_item(struct deferred *deferred, struct machine *machine,
		     const struct deferred_item *item)
{
	uint64_t function, arguments[2], due;
	struct machine_result result;

	if (!find_function(machine, item, &function) ||
	    !begin_item(machine, item, arguments))
		return;
	if (!calltype_check(machine, function, kinds[item->kind].like,
			    kinds[item->kind].what))
		return;
	if (item->kind == DEFERRED_FIRMWARE)
		deferred->assumed = "request_firmware_nowait";
	machine_call(machine, function, 2, arguments, &result);
	if (result.end != MACHINE_RETURNED && !machine->run.has_ended)
		machine_stop(machine, DRYRUN_INVENTED, "%s did not end well",
			     kinds[item->kind].what);
	else if (item->kind == DEFERRED_HRTIMER && hrtimer_restarts(result.value) &&
		 hrtimer_due(machine, item->va, &due) &&
		 deferred_queue(deferred, DEFERRED_HRTIMER, item->va, due))
		hrtimer_set_queued(machine, item->va, true);
}

void deferred_give(struct deferred *deferred, uint64_t function, uint64_t context)
{
	deferred->nr++;
	if (deferred->nr_items < DEFERRED_MAX_ITEMS)
		deferred->items[deferred->nr_items++] = (struct deferred_item){
			.kind = DEFERRED_FIRMWARE, .va = function, .data = context};
}

bool deferred_flush(struct deferred *deferred, struct machine *machine,
		    enum deferred_kind kind, uint64_t va)
{
	const struct deferred_item item = {.kind = kind, .va = va};

	if (!deferred_cancel(deferred, kind, va))
		return false;
	run_item(deferred, machine, &item);
	return true;
}

void deferred_flush_all(struct deferred *deferred, struct machine *machine,
			enum deferred_kind kind, uint64_t till)
{
	size_t i = 0;

	for (size_t nr = 0; i < deferred->nr_items && nr < DEFERRED_MAX_ITEMS &&
			    !machine->run.has_ended;) {
		struct deferred_item item = deferred->items[i];

		if (item.kind != kind || item.due > till) {
			i++;
			continue;
		}
		take(deferred, i);
		run_item(deferred, machine, &item);
		nr++;
		i = 0;
	}
}

/* --- threads --- */

void deferred_add_thread(struct deferred *deferred, uint64_t task, uint64_t function,
			 uint64_t data, uint64_t stack_top)
{
	deferred->nr++;
	if (deferred->nr_threads < DEFERRED_MAX_THREADS)
		deferred->threads[deferred->nr_threads++] = (struct deferred_thread){
			.task = task,
			.function = function,
			.data = data,
			.stack_top = stack_top};
}

static struct deferred_thread *find_thread(struct deferred *deferred, uint64_t task)
{
	for (size_t i = 0; task && i < deferred->nr_threads; i++)
		if (deferred->threads[i].task == task)
			return &deferred->threads[i];
	return NULL;
}

const struct deferred_thread *deferred_thread(const struct deferred *deferred,
					      uint64_t task)
{
	return find_thread((struct deferred *)deferred, task);
}

void deferred_wake(struct deferred *deferred, uint64_t task)
{
	struct deferred_thread *thread = find_thread(deferred, task);

	if (thread)
		thread->is_awake = true;
	else
		deferred->is_woken = true;
}

void deferred_drop_thread(struct deferred *deferred, uint64_t task)
{
	struct deferred_thread *thread = find_thread(deferred, task);

	if (!thread || thread->has_ended)
		return;
	thread->has_ended = true;
	thread->result = (uint64_t)-EINTR;
}

/* include/linux/completion.h: struct completion begins with its count. */
static bool is_complete(struct machine *machine, uint64_t completion)
{
	uint32_t nr_done = 0;

	return machine_read(machine, completion, &nr_done, sizeof(nr_done)) == 0 &&
	       nr_done;
}

static bool is_ready(struct machine *machine, const struct deferred_thread *thread,
		     uint64_t now)
{
	if (thread->has_ended || thread->is_running)
		return false;
	if (thread->has_due && thread->due <= now)
		return true;
	return thread->completion ? is_complete(machine, thread->completion)
				  : thread->is_awake;
}

/* Where it sleeps and is not to end, the thread that runs is none afterwards. */
static void enter(struct deferred *deferred, struct machine *machine,
		  struct deferred_thread *thread, struct machine_result *ret)
{
	struct machine_context context = thread->context;
	uint64_t now = clock_jiffies(machine);

	if (thread->has_due && !thread->completion)
		context.registers[X86_RAX] = thread->due > now ? thread->due - now : 0;
	thread->is_awake = thread->has_due = false;
	thread->completion = 0;
	if (thread->has_begun) {
		deferred->call_rsp = context.call_rsp;
		machine_resume(machine, &context, ret);
		return;
	}
	thread->has_begun = true;
	*ret = (struct machine_result){0};
	if (!calltype_check(machine, thread->function, CALLTYPE_INT, "a thread"))
		return;
	deferred->call_rsp = machine_next_call_on(thread->stack_top);
	machine_call_on(machine, thread->stack_top, thread->function, 1, &thread->data,
			ret);
}

static void run_thread(struct deferred *deferred, struct machine *machine, size_t number)
{
	struct deferred_thread *thread = &deferred->threads[number];
	uint64_t outer = deferred->call_rsp, self = task_current(machine);
	size_t outer_running = deferred->running;
	struct machine_result result;

	task_set_current(machine, thread->task);
	task_set_running(machine, thread->task);
	deferred->running = number + 1;
	thread->is_running = true;
	enter(deferred, machine, thread, &result);
	thread->is_running = false;
	if (deferred->running == number + 1) {
		thread->has_ended = true;
		thread->result = result.value;
	}
	deferred->call_rsp = outer;
	deferred->running = outer_running;
	task_set_current(machine, self);
	if (result.end != MACHINE_RETURNED && !machine->run.has_ended)
		machine_stop(machine, DRYRUN_INVENTED,
			     "a thread that was started did not end well");
}

bool deferred_run_one(struct deferred *deferred, struct machine *machine)
{
	uint64_t now = clock_jiffies(machine);

	for (size_t i = 0; i < deferred->nr_items; i++) {
		struct deferred_item item = deferred->items[i];

		if (item.due > now)
			continue;
		take(deferred, i);
		run_item(deferred, machine, &item);
		return true;
	}
	for (size_t i = 0; i < deferred->nr_threads; i++) {
		if (!is_ready(machine, &deferred->threads[i], now))
			continue;
		run_thread(deferred, machine, i);
		return true;
	}
	return false;
}

bool deferred_next(const struct deferred *deferred, uint64_t *ret)
{
	bool has = false;

	for (size_t i = 0; i < deferred->nr_items; i++) {
		if (!has || deferred->items[i].due < *ret)
			*ret = deferred->items[i].due;
		has = true;
	}
	for (size_t i = 0; i < deferred->nr_threads; i++) {
		const struct deferred_thread *thread = &deferred->threads[i];

		if (thread->has_ended || thread->is_running || !thread->has_due)
			continue;
		if (!has || thread->due < *ret)
			*ret = thread->due;
		has = true;
	}
	return has;
}

struct deferred_thread *deferred_running(struct deferred *deferred,
					 const struct machine *machine)
{
	if (!deferred->running || machine->run.call_rsp != deferred->call_rsp)
		return NULL;
	return &deferred->threads[deferred->running - 1];
}

bool deferred_end_thread(struct deferred *deferred, struct machine *machine,
			 uint64_t value)
{
	if (!deferred_running(deferred, machine))
		return false;
	machine_end_call(machine, value);
	return true;
}

bool deferred_sleep(struct deferred *deferred, struct machine *machine)
{
	struct deferred_thread *thread = deferred_running(deferred, machine);

	if (!thread)
		return false;
	machine_suspend(machine, &thread->context);
	deferred->running = 0;
	return true;
}

bool deferred_sleep_till(struct deferred *deferred, struct machine *machine, uint64_t due)
{
	struct deferred_thread *thread = deferred_running(deferred, machine);

	if (!thread)
		return false;
	thread->has_due = true;
	thread->due = due;
	return deferred_sleep(deferred, machine);
}

bool deferred_sleep_for(struct deferred *deferred, struct machine *machine,
			uint64_t completion, uint64_t till)
{
	struct deferred_thread *thread = deferred_running(deferred, machine);

	if (!thread)
		return false;
	thread->completion = completion;
	thread->wait_till = till;
	thread->has_due = till != UINT64_MAX;
	thread->due = till;
	return deferred_sleep(deferred, machine);
}

#endif
