/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens while the module's init waits: work that was queued, callbacks and timers
 * that come due, and threads that were started, on its behalf.
 */
#ifndef KWCHECK_DRYRUN_DEFERRED_H
#define KWCHECK_DRYRUN_DEFERRED_H

#include "machine/call.h"

enum { DEFERRED_MAX_ITEMS = 512, DEFERRED_MAX_THREADS = 64 };

enum deferred_kind {
	DEFERRED_WORK = 0, /* struct work_struct */
	DEFERRED_TIMER,	   /* struct timer_list */
	DEFERRED_CALLBACK, /* struct rcu_head, of a grace period that is over */
	DEFERRED_TASKLET,  /* struct tasklet_struct */
	DEFERRED_IRQ_WORK, /* struct irq_work */
	DEFERRED_HRTIMER,  /* struct hrtimer */
	DEFERRED_FIRMWARE, /* a function that gets no firmware, and item.data */
};

struct deferred_item {
	enum deferred_kind kind;
	uint64_t va;
	uint64_t due; /* the kernel's count of ticks */
	uint64_t data;
};

struct deferred_thread {
	uint64_t task; /* struct task_struct */
	uint64_t function, data;
	uint64_t stack_top; /* of its own */
	bool is_awake, has_begun, is_running, has_ended;
	uint64_t result; /* what it returned, once it has ended */
	bool has_due;	 /* it wakes by itself when that is the count of ticks */
	uint64_t due;
	uint64_t completion; /* it goes on when that is done; 0 */
	uint64_t wait_till;  /* since the first time that it waited for that; 0 */
	struct machine_context context;
};

/* Zero is nothing. */
struct deferred {
	struct deferred_item items[DEFERRED_MAX_ITEMS]; /* the oldest first */
	size_t nr_items;
	struct deferred_thread threads[DEFERRED_MAX_THREADS];
	size_t nr_threads;
	size_t nr;	     /* of both, whether they ran or not */
	size_t running;	     /* number + 1 of the thread that runs; 0: none does */
	uint64_t call_rsp;   /* of that */
	bool is_woken;	     /* who waits, and is no thread of these, was */
	const char *assumed; /* the function whose outcome was made up; or NULL */
};

/* deferred_queue - @va is run when the count of ticks is @due, if somebody waits then
 * Where it is queued already @due is not changed. Returns whether it was not.
 */
bool deferred_queue(struct deferred *deferred, enum deferred_kind kind, uint64_t va,
		    uint64_t due);

bool deferred_has(const struct deferred *deferred, enum deferred_kind kind, uint64_t va);

/* Returns whether it was queued. */
bool deferred_cancel(struct deferred *deferred, enum deferred_kind kind, uint64_t va);

/* deferred_give - once somebody waits, @function is told that there is no firmware */
void deferred_give(struct deferred *deferred, uint64_t function, uint64_t context);

/* Runs that one, if it is queued. Returns whether it was. */
bool deferred_flush(struct deferred *deferred, struct machine *machine,
		    enum deferred_kind kind, uint64_t va);

/* Runs all that is queued of a kind and due at @till; what that queues, too, within a
 * bound.
 */
void deferred_flush_all(struct deferred *deferred, struct machine *machine,
			enum deferred_kind kind, uint64_t till);

/* A thread that sleeps until it is woken. @stack_top: of a stack that is its own. */
void deferred_add_thread(struct deferred *deferred, uint64_t task, uint64_t function,
			 uint64_t data, uint64_t stack_top);

/* @task: a thread's; that of anybody else is taken to be who waits. */
void deferred_wake(struct deferred *deferred, uint64_t task);

/* It belongs to a CPU that does not run here, or was stopped before: it never runs. */
void deferred_drop_thread(struct deferred *deferred, uint64_t task);

/* The thread of that task, or NULL. */
const struct deferred_thread *deferred_thread(const struct deferred *deferred,
					      uint64_t task);

/* The thread that runs, where no call of a model's own stands in between; or NULL. */
struct deferred_thread *deferred_running(struct deferred *deferred,
					 const struct machine *machine);

/* deferred_run_one - the oldest that is due, or the oldest thread that is awake
 * A thread runs until it returns, exits or waits. Returns false: there is none.
 */
bool deferred_run_one(struct deferred *deferred, struct machine *machine);

/* deferred_next - when the next of all that is queued or sleeps is due
 * false: nothing will happen by itself.
 */
bool deferred_next(const struct deferred *deferred, uint64_t *ret);

/* deferred_end_thread - in a model: leaves the thread that runs, for good
 * false: none does, or a call of the model's own stands in between.
 */
bool deferred_end_thread(struct deferred *deferred, struct machine *machine,
			 uint64_t value);

/* deferred_sleep - the same, until it is woken; then it goes on where the machine's
 * registers stand now. deferred_sleep_till: or until the count of ticks is @due; what is
 * left of that is what it goes on with in rax.
 */
bool deferred_sleep(struct deferred *deferred, struct machine *machine);
bool deferred_sleep_till(struct deferred *deferred, struct machine *machine,
			 uint64_t due);

/* deferred_sleep_for - the same, until that completion is done or the count of ticks is
 * @till; then it enters the function that it is in once more
 * The thread's wait_till is @till from then on.
 */
bool deferred_sleep_for(struct deferred *deferred, struct machine *machine,
			uint64_t completion, uint64_t till);

#endif
