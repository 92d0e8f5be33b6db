/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel by which code waits, or has something done later. */
#include "dryrun/waiting.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdint.h>

#include "dryrun/handlers.h"
#include "dryrun/hrtimer.h"
#include "dryrun/reason.h"
#include "dryrun/task.h"

static const uint64_t FOREVER = UINT64_MAX;
static const uint64_t NS_PER_US = 1000, NS_PER_MS = 1000000;
/* include/linux/sched.h: MAX_SCHEDULE_TIMEOUT */
static const uint64_t MAX_TIMEOUT = INT64_MAX;

/* A count of ticks that is so far away; ticks that begin count as a whole. */
static uint64_t ticks_from_now(struct machine *machine, uint64_t ns)
{
	return clock_jiffies(machine) + ns / machine->clock.tick_ns + 1;
}

/* The count of ticks in so many of them. */
static uint64_t in_ticks(struct machine *machine, uint64_t ticks)
{
	uint64_t now = clock_jiffies(machine);

	return ticks < FOREVER - now ? now + ticks : FOREVER;
}

/* How many ticks there are until that count; 0: none. */
static uint64_t ticks_left(struct machine *machine, uint64_t till)
{
	uint64_t now = clock_jiffies(machine);

	return till > now ? till - now : 0;
}

/* Time passes until the count of ticks is @due. */
static void pass_till(struct machine *machine, uint64_t due)
{
	clock_pass(machine, ticks_left(machine, due) * machine->clock.tick_ns);
}

/* Others run, or time passes until one of them can. false: nothing happens till @till. */
static bool let_happen(struct handler_state *state, struct machine *machine,
		       uint64_t till)
{
	uint64_t due;

	if (machine->run.has_ended)
		return false;
	if (deferred_run_one(&state->deferred, machine))
		return true;
	if (!deferred_next(&state->deferred, &due) || due > till)
		return false;
	pass_till(machine, due);
	return true;
}

enum { MAX_WAITS = 1000 };

static void give_up(struct machine *machine)
{
	machine_stop(machine, DRYRUN_WAITS,
		     "it sleeps again and again for something that another task or a "
		     "device would do");
}

/* Nobody will wake who waits: he goes on, and looks for himself what he waited for. */
static void go_on(struct handler_state *state, struct machine *machine)
{
	if (++state->nr_waits > MAX_WAITS)
		give_up(machine);
}

/* Whoever runs, and is none of the threads, waits to be woken, at most until @till. */
static bool wait_to_be_woken(struct handler_state *state, struct machine *machine,
			     uint64_t till)
{
	uint64_t self = task_current(machine);
	bool is_woken = task_is_running(machine, self);
	unsigned nr = 0;

	if (is_woken && !deferred_run_one(&state->deferred, machine))
		go_on(state, machine);
	state->deferred.is_woken = false;
	while (!is_woken && let_happen(state, machine, till)) {
		is_woken = state->deferred.is_woken || task_is_running(machine, self);
		if (++nr > MAX_WAITS)
			give_up(machine);
	}
	if (!is_woken && till != FOREVER)
		pass_till(machine, till);
	else if (!is_woken)
		go_on(state, machine);
	task_set_running(machine, self);
	return is_woken;
}

/* In a thread that was not put to sleep the kernel's own code finds it awake at once. */
static void stay_awake(struct handler_state *state, struct machine *machine)
{
	if (deferred_running(&state->deferred, machine) &&
	    task_is_running(machine, task_current(machine)))
		deferred_wake(&state->deferred, task_current(machine));
}

/* schedule(), and what sleeps without an end and then returns @value. */
static void sleep_till_woken(struct handler_state *state, struct machine *machine,
			     uint64_t value)
{
	machine_leave(machine, value);
	stay_awake(state, machine);
	if (!deferred_sleep(&state->deferred, machine))
		wait_to_be_woken(state, machine, FOREVER);
}

void handle_schedule(struct handler_state *state, struct machine *machine)
{
	sleep_till_woken(state, machine, 0);
}

/* Whoever wants to run goes first. */
void handle_yield(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine, 0);
	if (deferred_running(&state->deferred, machine)) {
		deferred_wake(&state->deferred, task_current(machine));
		deferred_sleep(&state->deferred, machine);
	} else if (!deferred_run_one(&state->deferred, machine)) {
		go_on(state, machine);
	}
}

/* kernel/time/timer.c:schedule_timeout(): what is left of the ticks, or 0. */
void handle_schedule_timeout(struct handler_state *state, struct machine *machine)
{
	uint64_t ticks = machine_argument(machine, 0), till;

	if ((int64_t)ticks < 0)
		ticks = 0;
	if (ticks == MAX_TIMEOUT) {
		sleep_till_woken(state, machine, ticks);
		return;
	}
	till = clock_jiffies(machine) + ticks;
	machine_leave(machine, 0);
	stay_awake(state, machine);
	if (deferred_sleep_till(&state->deferred, machine, till))
		return;
	wait_to_be_woken(state, machine, till);
	machine_set_register(machine, X86_RAX, ticks_left(machine, till));
}

/* schedule_hrtimeout_range(expires, delta, mode): 0 when the time is over. */
void handle_schedule_hrtimeout(struct handler_state *state, struct machine *machine)
{
	static const uint64_t RELATIVE = 1; /* HRTIMER_MODE_REL */
	uint64_t expires = machine_argument(machine, 0), ns = 0, till;

	if (!expires) {
		sleep_till_woken(state, machine, (uint64_t)-EINTR);
		return;
	}
	if ((machine_argument(machine, 2) & RELATIVE) &&
	    machine_read(machine, expires, &ns, sizeof(ns)) == 0 && (int64_t)ns < 0)
		ns = 0;
	till = ticks_from_now(machine, ns);
	machine_leave(machine, 0);
	stay_awake(state, machine);
	if (deferred_sleep_till(&state->deferred, machine, till))
		return;
	if (wait_to_be_woken(state, machine, till))
		machine_set_register(machine, X86_RAX, (uint64_t)-EINTR);
}

/* Sleeps that nobody cuts short. */
static void sleep_for(struct handler_state *state, struct machine *machine, uint64_t ns)
{
	enum { MAX_RUNS = 1000 };
	uint64_t till = ticks_from_now(machine, ns);

	machine_leave(machine, 0);
	if (deferred_sleep_till(&state->deferred, machine, till))
		return;
	for (unsigned i = 0; i < MAX_RUNS && let_happen(state, machine, till); i++)
		;
	pass_till(machine, till);
	task_set_running(machine, task_current(machine));
}

void handle_msleep(struct handler_state *state, struct machine *machine)
{
	sleep_for(state, machine, (uint32_t)machine_argument(machine, 0) * NS_PER_MS);
}

void handle_usleep(struct handler_state *state, struct machine *machine)
{
	sleep_for(state, machine, machine_argument(machine, 0) * NS_PER_US);
}

static void delay(struct machine *machine, uint64_t ns)
{
	clock_pass(machine, ns);
	machine_leave(machine, 0);
}

void handle_udelay(struct handler_state *state, struct machine *machine)
{
	(void)state;
	delay(machine, (uint32_t)machine_argument(machine, 0) * NS_PER_US);
}

void handle_ndelay(struct handler_state *state, struct machine *machine)
{
	(void)state;
	delay(machine, (uint32_t)machine_argument(machine, 0));
}

/* A loop takes a cycle or two. */
void handle_delay(struct handler_state *state, struct machine *machine)
{
	(void)state;
	delay(machine, (uint32_t)machine_argument(machine, 0));
}

/* arch/x86/lib/delay.c: microseconds times 2^32 / 10^6 */
void handle_const_udelay(struct handler_state *state, struct machine *machine)
{
	(void)state;
	delay(machine,
	      (uint32_t)machine_argument(machine, 0) * (1000000ULL * NS_PER_US) >> 32);
}

/* --- completions --- */

/* include/linux/completion.h: struct completion begins with its count. */
static bool take_done(struct machine *machine, uint64_t completion)
{
	uint32_t nr_done = 0;

	if (machine_read(machine, completion, &nr_done, sizeof(nr_done)) < 0 || !nr_done)
		return false;
	/* complete_all() leaves the highest count, for all who wait. */
	if (nr_done != UINT32_MAX)
		nr_done--;
	machine_write(machine, completion, &nr_done, sizeof(nr_done));
	return true;
}

/* Threads that were started complete it, work that was queued, or a timer. */
static bool complete_by_others(struct handler_state *state, struct machine *machine,
			       uint64_t completion, uint64_t till)
{
	unsigned nr = 0;

	while (!take_done(machine, completion)) {
		if (!let_happen(state, machine, till))
			return false;
		if (++nr > MAX_WAITS)
			give_up(machine);
	}
	return true;
}

/* A thread that waits is woken by what completes it, and then comes here once more. */
static void wait_in_thread(struct handler_state *state, struct machine *machine,
			   struct deferred_thread *thread, uint64_t ticks)
{
	uint64_t completion = machine_argument(machine, 0),
		 till = thread->wait_till ?: in_ticks(machine, ticks),
		 left = ticks_left(machine, till);

	thread->wait_till = 0;
	if (take_done(machine, completion))
		machine_leave(machine, ticks == FOREVER ? 0 : left ?: 1);
	else if (!left)
		machine_leave(machine, 0);
	else
		deferred_sleep_for(&state->deferred, machine, completion, till);
}

/* What is not here may complete it, too: an interrupt, a task of the kernel's. */
void handle_wait(struct handler_state *state, struct machine *machine)
{
	uint64_t completion = machine_argument(machine, 0);
	struct deferred_thread *thread = deferred_running(&state->deferred, machine);

	if (thread) {
		wait_in_thread(state, machine, thread, FOREVER);
		return;
	}
	if (!complete_by_others(state, machine, completion, FOREVER))
		state->assumed = "wait_for_completion";
	machine_leave(machine, 0);
}

/* wait_for_completion_timeout(completion, ticks): what is left of them; 0: none is. */
void handle_wait_timeout(struct handler_state *state, struct machine *machine)
{
	uint64_t completion = machine_argument(machine, 0),
		 ticks = machine_argument(machine, 1), till = in_ticks(machine, ticks);
	struct deferred_thread *thread = deferred_running(&state->deferred, machine);

	if (thread) {
		wait_in_thread(state, machine, thread, ticks);
		return;
	}
	if (complete_by_others(state, machine, completion, till))
		machine_leave(machine, ticks_left(machine, till) ?: 1);
	else
		machine_leave(machine, machine_invent(machine, 1, 0));
}

/* --- semaphores and bits --- */

/* struct semaphore.count: 0 where it cannot be found. */
static uint64_t count_of(struct machine *machine, uint64_t semaphore)
{
	uint32_t offset;

	return types_offset(&machine->kernel->types, "semaphore", "count", &offset) == 0
		       ? semaphore + offset
		       : 0;
}

static bool take_count(struct machine *machine, uint64_t at)
{
	uint32_t count = 0;

	if (machine_read(machine, at, &count, sizeof(count)) < 0 || !count)
		return false;
	count--;
	machine_write(machine, at, &count, sizeof(count));
	return true;
}

/* kernel/locking/semaphore.c: down() comes here with a count of 0. false: nobody raises
 * it until @till.
 */
static bool take_semaphore(struct handler_state *state, struct machine *machine,
			   uint64_t at, uint64_t till)
{
	for (unsigned nr = 0; !take_count(machine, at); nr++)
		if (nr == MAX_WAITS || !let_happen(state, machine, till))
			return false;
	return true;
}

/* __down(semaphore) and its like. One that was held when the memory was read is taken
 * over.
 */
void handle_down(struct handler_state *state, struct machine *machine)
{
	uint64_t at = count_of(machine, machine_argument(machine, 0));
	struct deferred_thread *thread = deferred_running(&state->deferred, machine);

	if (thread)
		thread->wait_till = 0;
	if (at && thread && !take_count(machine, at)) {
		deferred_sleep_for(&state->deferred, machine, at, FOREVER);
		return;
	}
	if (at && !thread)
		take_semaphore(state, machine, at, FOREVER);
	machine_leave(machine, 0);
}

/* __down_timeout(semaphore, ticks) */
void handle_down_timeout(struct handler_state *state, struct machine *machine)
{
	uint64_t at = count_of(machine, machine_argument(machine, 0)),
		 till = in_ticks(machine, machine_argument(machine, 1));

	if (!at || take_semaphore(state, machine, at, till))
		machine_leave(machine, 0);
	else
		machine_leave(machine, machine_invent(machine, 0, (uint64_t)-ETIME));
}

/* Waits until others have cleared the bit; nobody who is not here is waited for. */
static void wait_on_bit(struct handler_state *state, struct machine *machine,
			bool sets_it)
{
	uint64_t bit = (uint32_t)machine_argument(machine, 1),
		 at = machine_argument(machine, 0) + bit / 64 * 8,
		 mask = (uint64_t)1 << bit % 64, word = 0;

	for (unsigned nr = 0;
	     nr < MAX_WAITS && machine_read_pointer(machine, at, &word) && word & mask &&
	     let_happen(state, machine, FOREVER);
	     nr++)
		;
	word |= mask;
	if (sets_it)
		machine_write(machine, at, &word, sizeof(word));
	machine_leave(machine, 0);
}

/* out_of_line_wait_on_bit(word, bit, action, mode) */
void handle_wait_on_bit(struct handler_state *state, struct machine *machine)
{
	wait_on_bit(state, machine, false);
}

void handle_wait_on_bit_lock(struct handler_state *state, struct machine *machine)
{
	wait_on_bit(state, machine, true);
}

/* --- work --- */

/* queue_work_on(cpu, wq, work) */
void handle_queue_work(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine, deferred_queue(&state->deferred, DEFERRED_WORK,
					      machine_argument(machine, 2), 0));
}

/* queue_delayed_work_on(cpu, wq, dwork, delay): the work is first in a delayed one. */
void handle_queue_delayed(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine,
		      deferred_queue(&state->deferred, DEFERRED_WORK,
				     machine_argument(machine, 2),
				     in_ticks(machine, machine_argument(machine, 3))));
}

/* The same of one that may be queued already: was it? */
void handle_mod_delayed(struct handler_state *state, struct machine *machine)
{
	bool was = deferred_cancel(&state->deferred, DEFERRED_WORK,
				   machine_argument(machine, 2));

	handle_queue_delayed(state, machine);
	machine_set_register(machine, X86_RAX, was);
}

void handle_flush_work(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine, deferred_flush(&state->deferred, machine, DEFERRED_WORK,
					      machine_argument(machine, 0)));
}

/* Work that is delayed is not in its queue before its time. */
void handle_flush_all(struct handler_state *state, struct machine *machine)
{
	deferred_flush_all(&state->deferred, machine, DEFERRED_WORK,
			   clock_jiffies(machine));
	machine_leave(machine, 0);
}

/* irq_work_queue(work), irq_work_queue_on(work, cpu) */
void handle_queue_irq_work(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine, deferred_queue(&state->deferred, DEFERRED_IRQ_WORK,
					      machine_argument(machine, 0), 0));
}

/* irq_work_sync(work) */
void handle_flush_irq_work(struct handler_state *state, struct machine *machine)
{
	deferred_flush(&state->deferred, machine, DEFERRED_IRQ_WORK,
		       machine_argument(machine, 0));
	machine_leave(machine, 0);
}

/* request_firmware_nowait(module, uevent, name, device, gfp, context, cont): the seventh
 * argument is on the stack.
 */
void handle_firmware_nowait(struct handler_state *state, struct machine *machine)
{
	uint64_t function = 0;

	if (machine_read_pointer(machine, machine_register(machine, X86_RSP) + 8,
				 &function))
		deferred_give(&state->deferred, function, machine_argument(machine, 5));
	machine_leave(machine, 0);
}

void handle_cancel_work(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine, deferred_cancel(&state->deferred, DEFERRED_WORK,
					       machine_argument(machine, 0)));
}

/* __tasklet_schedule(tasklet), once its state says that it is scheduled */
void handle_schedule_tasklet(struct handler_state *state, struct machine *machine)
{
	deferred_queue(&state->deferred, DEFERRED_TASKLET, machine_argument(machine, 0),
		       0);
	machine_leave(machine, 0);
}

/* --- timers --- */

/* struct timer_list.expires; 0: it cannot be read. */
static uint64_t expires_of(struct machine *machine, uint64_t timer)
{
	uint64_t expires = 0;
	uint32_t offset;

	if (types_offset(&machine->kernel->types, "timer_list", "expires", &offset) == 0)
		machine_read_pointer(machine, timer + offset, &expires);
	return expires;
}

/* It is linked to itself, for timer_pending() and for what deletes it: struct hlist_node
 * entry is first, next and pprev. Returns whether it was pending before.
 */
static bool start_timer(struct handler_state *state, struct machine *machine,
			uint64_t timer, uint64_t expires)
{
	uint64_t entry[2] = {0, timer};
	bool was = deferred_cancel(&state->deferred, DEFERRED_TIMER, timer);
	uint32_t offset;

	machine_write(machine, timer, entry, sizeof(entry));
	if (types_offset(&machine->kernel->types, "timer_list", "expires", &offset) == 0)
		machine_write(machine, timer + offset, &expires, sizeof(expires));
	deferred_queue(&state->deferred, DEFERRED_TIMER, timer, expires);
	return was;
}

/* add_timer(timer), add_timer_on(timer, cpu) */
void handle_add_timer(struct handler_state *state, struct machine *machine)
{
	uint64_t timer = machine_argument(machine, 0);

	start_timer(state, machine, timer, expires_of(machine, timer));
	machine_leave(machine, 0);
}

/* mod_timer(timer, expires) */
void handle_mod_timer(struct handler_state *state, struct machine *machine)
{
	machine_leave(machine, start_timer(state, machine, machine_argument(machine, 0),
					   machine_argument(machine, 1)));
}

/* One of the kernel's own, which was pending before, stays where it is. */
void handle_mod_timer_pending(struct handler_state *state, struct machine *machine)
{
	if (deferred_has(&state->deferred, DEFERRED_TIMER, machine_argument(machine, 0)))
		handle_mod_timer(state, machine);
	else
		machine_leave(machine, 0);
}

/* timer_reduce(timer, expires): not later than that */
void handle_reduce_timer(struct handler_state *state, struct machine *machine)
{
	uint64_t timer = machine_argument(machine, 0);

	if (deferred_has(&state->deferred, DEFERRED_TIMER, timer) &&
	    expires_of(machine, timer) <= machine_argument(machine, 1))
		machine_leave(machine, 1);
	else
		handle_mod_timer(state, machine);
}

/* The kernel's own code goes on. */
void handle_delete_timer(struct handler_state *state, struct machine *machine)
{
	deferred_cancel(&state->deferred, DEFERRED_TIMER, machine_argument(machine, 0));
}

/* hrtimer_start_range_ns(timer, time, slack, mode). One that the kernel had queued before
 * stays where it is.
 */
void handle_start_hrtimer(struct handler_state *state, struct machine *machine)
{
	static const uint64_t RELATIVE = 1; /* HRTIMER_MODE_REL */
	uint64_t timer = machine_argument(machine, 0), ns = machine_argument(machine, 1),
		 due;
	bool is_relative = machine_argument(machine, 3) & RELATIVE,
	     was_queued = deferred_cancel(&state->deferred, DEFERRED_HRTIMER, timer);

	if ((was_queued || !hrtimer_is_queued(machine, timer)) &&
	    hrtimer_set(machine, timer, ns, is_relative) &&
	    hrtimer_due(machine, timer, &due)) {
		deferred_queue(&state->deferred, DEFERRED_HRTIMER, timer, due);
		hrtimer_set_queued(machine, timer, true);
	}
	machine_leave(machine, 0);
}

/* The kernel's own code goes on where it is none of these. */
void handle_cancel_hrtimer(struct handler_state *state, struct machine *machine)
{
	uint64_t timer = machine_argument(machine, 0);

	if (!deferred_cancel(&state->deferred, DEFERRED_HRTIMER, timer))
		return;
	hrtimer_set_queued(machine, timer, false);
	machine_leave(machine, 1);
}

/* --- RCU --- */

/* struct callback_head is next, func. */
static void call_back(struct handler_state *state, struct machine *machine, uint64_t head,
		      uint64_t function)
{
	enum { GRACE_TICKS = 3 };
	uint32_t offset;

	if (types_offset(&machine->kernel->types, "callback_head", "func", &offset) ==
		    0 &&
	    function >> 63) {
		machine_write(machine, head + offset, &function, sizeof(function));
		deferred_queue(&state->deferred, DEFERRED_CALLBACK, head,
			       clock_jiffies(machine) + GRACE_TICKS);
	}
	machine_leave(machine, 0);
}

/* call_rcu(head, function) */
void handle_call_rcu(struct handler_state *state, struct machine *machine)
{
	call_back(state, machine, machine_argument(machine, 0),
		  machine_argument(machine, 1));
}

/* call_srcu(srcu, head, function) */
void handle_call_srcu(struct handler_state *state, struct machine *machine)
{
	call_back(state, machine, machine_argument(machine, 1),
		  machine_argument(machine, 2));
}

void handle_rcu_barrier(struct handler_state *state, struct machine *machine)
{
	deferred_flush_all(&state->deferred, machine, DEFERRED_CALLBACK, FOREVER);
	machine_leave(machine, 0);
}

/* --- clocks --- */

/* The read function of the clock source, which may be a device. */
void handle_read_clock(struct handler_state *state, struct machine *machine)
{
	(void)state;
	machine_leave(machine, clock_cycles(machine));
}

#endif
