/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/deferred.h"

#include <criterion/criterion.h>
#include <string.h>

#include "dryrun/hrtimer.h"
#include "dryrun/reason.h"
#include "rig.h"

#define NOTE BOARD_CODE		  /* counts up at (%rdi) */
#define WAIT (BOARD_CODE + 0x100) /* counts up, calls SLEEP, counts up */
#define SLEEP (BOARD_CODE + 0x200)
#define WORK (SMALL_DATA + 0x2000) /* struct work_struct: a count, and its function */
#define COUNT (SMALL_DATA + 0x2100)
#define TASK (SMALL_DATA + 0x2200)

static struct board board;
static struct deferred deferred;

#define OTHER_TASK (SMALL_DATA + 0x2300)
#define STACKS (FAKE_DIRECT_MAP + 0x134000) /* of two threads, below the rig's own */
#define TIMER (SMALL_DATA + 0x2400)
#define HRTIMER (SMALL_DATA + 0x2600)
#define CLOCK_BASE (SMALL_DATA + 0x2700)
#define KTIME_GET (BOARD_CODE + 0x400)
#define AGAIN (BOARD_CODE + 0x500) /* NOTE, and returns 1 up to the second time */
#define GIVEN (BOARD_CODE + 0x600) /* NOTE of its second argument, if the first is 0 */

static const struct board_type types[] = {{"work_struct", 32, {{"func", 24}}},
					  BOARD_LATER_TYPES};

static void fill(void)
{
	small_put(SMALL_DATA + 0xf08, RIG_PER_CPU);
	small_put_bytes(NOTE, "\x48\xff\x07\xc3", 4); /* incq (%rdi); ret */
	small_put_bytes(WAIT, "\x48\xff\x07\x57", 4); /* incq (%rdi); push %rdi */
	small_put_branch(WAIT + 4, 0xe8, SLEEP);
	small_put_bytes(WAIT + 9, "\x5f\x48\xff\x07\xc3", 5); /* pop %rdi; incq; ret */
	small_put_bytes(SLEEP, "\xc3", 1);
	small_put_bytes(KTIME_GET, "\xb8\x40\x42\x0f\x00\xc3", 6); /* 1 ms */
	/* incq (%rdi); xor %eax,%eax; cmpq $2,(%rdi); setb %al; ret */
	small_put_bytes(AGAIN, "\x48\xff\x07\x31\xc0\x48\x83\x3f\x02\x0f\x92\xc0\xc3",
			13);
	/* test %rdi,%rdi; jne 1f; incq (%rsi); 1: ret */
	small_put_bytes(GIVEN, "\x48\x85\xff\x75\x03\x48\xff\x06\xc3", 9);
	small_put(HRTIMER + 40, AGAIN);
	small_put(HRTIMER + 48, CLOCK_BASE);
	small_put(CLOCK_BASE, (uint64_t)1 << 32); /* CLOCK_MONOTONIC */
	for (uint64_t i = 0; i < 3; i++)
		small_put(WORK + 32 * i + 24, NOTE);
}

static void setup(void)
{
	deferred = (struct deferred){0};
	board_open(&board,
		   "0000000000000010 A current_task\n" BOARD_SYMBOLS
		   "ffffffff81402500 D jiffies\n"
		   "ffffffff81001400 T ktime_get\n"
		   "ffffffff81001700 t wq_barrier_func\n",
		   fill, board_btf(types, sizeof(types) / sizeof(types[0])));
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_deferred, .init = setup, .fini = teardown);

Test(dryrun_deferred, work_runs_in_order_and_once)
{
	deferred_queue(&deferred, DEFERRED_WORK, WORK, 0);
	deferred_queue(&deferred, DEFERRED_WORK, WORK + 32, 0);
	deferred_queue(&deferred, DEFERRED_WORK, WORK, 0);
	cr_expect_eq(deferred.nr_items, 2);
	cr_expect_eq(deferred.nr, 3);
	cr_assert(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, WORK), 1);
	cr_expect_eq(board_read(&board, WORK + 32), 0);
	cr_assert(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, WORK + 32), 1);
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
}

Test(dryrun_deferred, one_work_is_flushed_and_another_cancelled)
{
	deferred_queue(&deferred, DEFERRED_WORK, WORK, 0);
	deferred_queue(&deferred, DEFERRED_WORK, WORK + 32, 0);
	cr_expect(deferred_flush(&deferred, &board.machine, DEFERRED_WORK, WORK + 32));
	cr_expect_eq(board_read(&board, WORK), 0);
	cr_expect_eq(board_read(&board, WORK + 32), 1);
	cr_expect_not(
		deferred_flush(&deferred, &board.machine, DEFERRED_WORK, WORK + 32));
	cr_expect(deferred_cancel(&deferred, DEFERRED_WORK, WORK));
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, WORK), 0);
}

Test(dryrun_deferred, interrupt_work_is_work_of_its_own)
{
	deferred_queue(&deferred, DEFERRED_IRQ_WORK, WORK, 0);
	cr_expect_not(deferred_flush(&deferred, &board.machine, DEFERRED_WORK, WORK));
	cr_expect(deferred_flush(&deferred, &board.machine, DEFERRED_IRQ_WORK, WORK));
	cr_expect_eq(board_read(&board, WORK), 1);
}

/* A flush of a queue runs what is in it, and not what will be. */
Test(dryrun_deferred, what_is_due_is_flushed)
{
	uint64_t now = clock_jiffies(&board.machine);

	deferred_queue(&deferred, DEFERRED_WORK, WORK, now + 10);
	deferred_queue(&deferred, DEFERRED_WORK, WORK + 32, 0);
	deferred_flush_all(&deferred, &board.machine, DEFERRED_WORK, now);
	cr_expect_eq(board_read(&board, WORK), 0);
	cr_expect_eq(board_read(&board, WORK + 32), 1);
	deferred_flush_all(&deferred, &board.machine, DEFERRED_WORK, UINT64_MAX);
	cr_expect_eq(board_read(&board, WORK), 1);
}

Test(dryrun_deferred, no_firmware_is_given_and_that_is_said)
{
	deferred_give(&deferred, GIVEN, COUNT);
	cr_expect_null(deferred.assumed, "it has not run yet");
	cr_assert(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, COUNT), 1);
	cr_expect_str_eq(deferred.assumed, "request_firmware_nowait");
}

/* In nanoseconds of its own clock, which stands at 1 ms. */
Test(dryrun_deferred, an_hrtimer_is_due_and_comes_again)
{
	static const uint64_t MS = 1000000;
	struct machine *machine = &board.machine;
	uint64_t now = clock_jiffies(machine), tick = machine->clock.tick_ns, due;

	cr_assert(hrtimer_set(machine, HRTIMER, 20 * MS, true));
	cr_expect_eq(board_read(&board, HRTIMER + 8), 21 * MS);
	cr_expect_eq(board_read(&board, HRTIMER + 32), 21 * MS);
	cr_assert(hrtimer_due(machine, HRTIMER, &due));
	cr_expect_eq(due, now + 20 * MS / tick + 1);
	cr_assert(hrtimer_set(machine, HRTIMER, MS / 2, false));
	cr_assert(hrtimer_due(machine, HRTIMER, &due));
	cr_expect_eq(due, now, "that was before now");
	cr_expect_not(hrtimer_is_queued(machine, HRTIMER));
	hrtimer_set_queued(machine, HRTIMER, true);
	cr_expect(hrtimer_is_queued(machine, HRTIMER));
	deferred_queue(&deferred, DEFERRED_HRTIMER, HRTIMER, due);
	cr_assert(deferred_run_one(&deferred, machine));
	cr_expect_eq(board_read(&board, HRTIMER), 1);
	cr_expect(hrtimer_is_queued(machine, HRTIMER), "it asked to be");
	cr_assert(deferred_run_one(&deferred, machine));
	cr_expect_eq(board_read(&board, HRTIMER), 2);
	cr_expect_not(hrtimer_is_queued(machine, HRTIMER));
	cr_expect_not(deferred_run_one(&deferred, machine));
}

static void sleep_in(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	(void)address, (void)id;
	*(uint64_t *)ctx = board_read(&board, RIG_CURRENT);
	machine_leave(machine, 0);
	deferred_sleep(&deferred, machine);
}

static void watch_sleep(uint64_t *ret_task)
{
	static const uint64_t addresses[] = {SLEEP};

	cr_assert_eq(machine_watch_all(&board.machine, addresses, 1, 0), 0);
	machine_set_hooks(&board.machine,
			  &(struct machine_hooks){.watch = sleep_in, .ctx = ret_task});
}

Test(dryrun_deferred, a_thread_runs_when_it_was_woken)
{
	deferred_add_thread(&deferred, TASK, NOTE, COUNT, STACKS + 0x2000);
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
	deferred_wake(&deferred, TASK + 8);
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
	deferred_wake(&deferred, TASK);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, COUNT), 1);
	cr_expect_not(deferred_run_one(&deferred, &board.machine), "twice");
	cr_expect_not(board.machine.run.has_ended);
}

/* It goes on when it is woken again; whoever ran before goes on meanwhile. */
Test(dryrun_deferred, a_thread_that_waits_is_left_until_it_is_woken)
{
	uint64_t task = 0, self = board_read(&board, RIG_CURRENT);

	watch_sleep(&task);
	deferred_add_thread(&deferred, TASK, WAIT, COUNT, STACKS + 0x2000);
	deferred_wake(&deferred, TASK);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(task, TASK, "current");
	cr_expect_eq(board_read(&board, COUNT), 1);
	cr_expect_eq(board_read(&board, RIG_CURRENT), self);
	cr_expect_eq(deferred.call_rsp, 0);
	cr_expect_not(board.machine.run.has_ended);
	cr_expect_not(deferred_run_one(&deferred, &board.machine), "not woken");
	/* The module's own code is not left. */
	board_call(&board, WAIT, COUNT);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board_read(&board, COUNT), 3);
	deferred_wake(&deferred, TASK);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, COUNT), 4);
	cr_expect(deferred_thread(&deferred, TASK)->has_ended);
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
}

/* What one has on its stack is there when it goes on, whoever ran since: a wait queue's
 * entry, for one.
 */
Test(dryrun_deferred, each_thread_has_a_stack_of_its_own)
{
	uint64_t task = 0;

	watch_sleep(&task);
	deferred_add_thread(&deferred, TASK, WAIT, COUNT, STACKS + 0x2000);
	deferred_add_thread(&deferred, OTHER_TASK, WAIT, COUNT + 8, STACKS + 0x1000);
	deferred_wake(&deferred, TASK);
	deferred_wake(&deferred, OTHER_TASK);
	while (deferred_run_one(&deferred, &board.machine))
		;
	board_call(&board, WAIT, COUNT + 16);
	deferred_wake(&deferred, TASK);
	deferred_wake(&deferred, OTHER_TASK);
	while (deferred_run_one(&deferred, &board.machine))
		;
	for (uint64_t i = 0; i < 3; i++)
		cr_expect_eq(board_read(&board, COUNT + 8 * i), 2, "%lu", i);
	cr_expect_not(board.machine.run.has_ended);
}

static void sleep_ten_ticks(void *ctx, struct machine *machine, uint64_t address,
			    unsigned id)
{
	(void)ctx, (void)address, (void)id;
	machine_leave(machine, 0);
	deferred_sleep_till(&deferred, machine, clock_jiffies(machine) + 10);
}

Test(dryrun_deferred, a_thread_wakes_when_its_time_has_come)
{
	static const uint64_t addresses[] = {SLEEP};
	uint64_t due;

	cr_assert_eq(machine_watch_all(&board.machine, addresses, 1, 0), 0);
	machine_set_hooks(&board.machine,
			  &(struct machine_hooks){.watch = sleep_ten_ticks});
	deferred_add_thread(&deferred, TASK, WAIT, COUNT, STACKS + 0x2000);
	deferred_wake(&deferred, TASK);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
	cr_assert(deferred_next(&deferred, &due));
	clock_pass(&board.machine, 9 * board.machine.clock.tick_ns);
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
	clock_pass(&board.machine, board.machine.clock.tick_ns);
	cr_expect_eq(due, clock_jiffies(&board.machine));
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, COUNT), 2);
	cr_expect_not(deferred_next(&deferred, &due));
}

/* One that was deleted behind the models' back is not run. */
Test(dryrun_deferred, a_timer_runs_when_it_is_due_and_still_pending)
{
	static const uint64_t pending[2] = {0, TIMER}, deleted[2];
	uint64_t now = clock_jiffies(&board.machine);

	machine_write(&board.machine, TIMER, pending, sizeof(pending));
	machine_write(&board.machine, TIMER + 24, &(uint64_t){NOTE}, 8);
	deferred_queue(&deferred, DEFERRED_TIMER, TIMER, now + 2);
	cr_expect_not(deferred_run_one(&deferred, &board.machine));
	clock_pass(&board.machine, 2 * board.machine.clock.tick_ns);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, TIMER), 1);
	cr_expect_eq(board_read(&board, TIMER + 8), 0, "pending");
	machine_write(&board.machine, TIMER, deleted, sizeof(deleted));
	deferred_queue(&deferred, DEFERRED_TIMER, TIMER, now);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, TIMER), 0);
}

Test(dryrun_deferred, a_thread_that_crashes_leaves_it_open)
{
	deferred_add_thread(&deferred, TASK, BOARD_NOTHING, COUNT, STACKS + 0x2000);
	deferred_wake(&deferred, TASK);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect(board.machine.run.has_ended);
}

/* kCFI: the kernel's worker compares the type before it calls. On a 6.12 it died so, and
 * init was said to return.
 */
Test(dryrun_deferred, work_of_another_type_is_not_done)
{
	static const uint32_t right = 0x47b6fe4a, wrong = 0x47b6fe4b;
	static const uint64_t LIKE = BOARD_CODE + 0x700;
	struct machine *machine = &board.machine;

	machine_write(machine, LIKE - 4, &right, sizeof(right));
	machine_write(machine, NOTE - 4, &right, sizeof(right));
	machine->guards.checks_types = true;
	deferred_queue(&deferred, DEFERRED_WORK, WORK, 0);
	deferred_flush(&deferred, machine, DEFERRED_WORK, WORK);
	cr_expect_eq(board_read(&board, WORK), 1);
	cr_expect_not(machine->run.has_ended);
	machine_write(machine, NOTE - 4, &wrong, sizeof(wrong));
	machine->guards.only_reports = true;
	deferred_queue(&deferred, DEFERRED_WORK, WORK, 0);
	deferred_flush(&deferred, machine, DEFERRED_WORK, WORK);
	cr_expect_eq(board_read(&board, WORK), 2);
	machine->guards.only_reports = false;
	deferred_queue(&deferred, DEFERRED_WORK, WORK, 0);
	deferred_flush(&deferred, machine, DEFERRED_WORK, WORK);
	cr_expect_eq(board_read(&board, WORK), 2);
	cr_expect_eq(machine->run.reason, DRYRUN_INVENTED);
	cr_expect_not_null(strstr(machine->run.why, "a CFI failure"), "%s",
			   machine->run.why);
}

/* The same of a thread's function, whose type the kernel has no like of here. */
Test(dryrun_deferred, a_thread_of_a_type_that_is_not_known)
{
	board.machine.guards.checks_types = true;
	deferred_add_thread(&deferred, TASK, NOTE, COUNT, STACKS + 0x2000);
	deferred_wake(&deferred, TASK);
	cr_expect(deferred_run_one(&deferred, &board.machine));
	cr_expect_eq(board_read(&board, COUNT), 0);
	cr_expect_eq(board.machine.run.reason, DRYRUN_INVENTED);
	cr_expect_not_null(strstr(board.machine.run.why, "a thread calls a function"),
			   "%s", board.machine.run.why);
}
