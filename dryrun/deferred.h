/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another task would do while the module's init waits: work that was queued, and
 * threads that were started, on its behalf.
 */
#ifndef KWCHECK_DRYRUN_DEFERRED_H
#define KWCHECK_DRYRUN_DEFERRED_H

#include "machine/cpu.h"

enum { DEFERRED_MAX_QUEUED = 256, DEFERRED_MAX_THREADS = 64 };

struct deferred_thread {
	uint64_t task; /* struct task_struct; 0: it has run */
	uint64_t function, data;
	bool is_awake;
};

/* Zero is nothing. */
struct deferred {
	uint64_t queued[DEFERRED_MAX_QUEUED]; /* struct work_struct, the oldest first */
	size_t nr_queued;
	struct deferred_thread threads[DEFERRED_MAX_THREADS];
	size_t nr_threads;
	size_t nr;	   /* of both, whether they ran or not */
	uint64_t call_rsp; /* of the thread that runs; 0: none does */
};

void deferred_queue(struct deferred *deferred, uint64_t work);

/* Returns whether it was queued. */
bool deferred_cancel(struct deferred *deferred, uint64_t work);

/* Runs that work, if it is queued. Returns whether it was. */
bool deferred_flush(struct deferred *deferred, struct machine *machine, uint64_t work);

/* A thread that sleeps until it is woken. */
void deferred_add_thread(struct deferred *deferred, uint64_t task, uint64_t function,
			 uint64_t data);
void deferred_wake(struct deferred *deferred, uint64_t task);

/* It belongs to a CPU that does not run here: it never runs. */
void deferred_drop_thread(struct deferred *deferred, uint64_t task);

/* deferred_run_one - the oldest work, or the oldest thread that is awake
 * A thread runs until it returns, exits or waits. Returns false: there is none.
 */
bool deferred_run_one(struct deferred *deferred, struct machine *machine);

/* deferred_end_thread - in a model: leaves the thread that runs, for good
 * false: none does, or a call of the model's own stands in between.
 */
bool deferred_end_thread(struct deferred *deferred, struct machine *machine);

#endif
