/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/waiting.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "dryrun/reason.h"
#include "modelled.h"

#define COUNT_CODE BOARD_CODE		/* counts up at (%rdi) */
#define DONE_CODE (BOARD_CODE + 0x100)	/* counts up DONE, 4 bytes */
#define CLEAR_CODE (BOARD_CODE + 0x200) /* clears BITS */
#define TEN_CODE (BOARD_CODE + 0x300)	/* wait_for_completion_timeout((%rdi), 10) */
#define GIVEN_CODE (BOARD_CODE + 0x400) /* counts up at (%rsi) where %rdi is 0 */
#define TIME_CODE (BOARD_CODE + 0x500)	/* ktime_get(): 1 ms */
#define YIELD_CODE (BOARD_CODE + 0x600) /* yield(), then counts up at COUNT */
#define AGAIN_CODE (BOARD_CODE + 0x700) /* queues the work that it is of */
/* Go to sleep as the kernel's code does, by the state first. */
#define SLEEP_CODE (BOARD_CODE + 0x800)	    /* schedule() */
#define SLEEP_TEN_CODE (BOARD_CODE + 0x900) /* schedule_timeout(10) */
#define SLEEP_NS_CODE (BOARD_CODE + 0xa00)  /* schedule_hrtimeout_range(%rdi, ?, 1) */

#define WORK MODELLED_DATA	     /* struct work_struct: a count, and its function */
#define DONE (MODELLED_DATA + 0x100) /* a completion's count, and a semaphore's */
#define BITS (MODELLED_DATA + 0x108)
#define COUNT (MODELLED_DATA + 0x110)
#define TIMER (MODELLED_DATA + 0x200)
#define HRTIMER (MODELLED_DATA + 0x300)
#define CLOCK_BASE (MODELLED_DATA + 0x380)
#define HEAD (MODELLED_DATA + 0x400) /* struct callback_head */
#define TASKLET (MODELLED_DATA + 0x500)
#define THREAD (MODELLED_DATA + 0x600) /* struct task_struct */
#define NS (MODELLED_DATA + 0x700)
#define STACKS (FAKE_DIRECT_MAP + 0x134000)

#define IN_VAIN                                                                  \
	"it sleeps again and again for something that another task or a device " \
	"would do"
#define PREPARE "\xc7\x04\x25\x18\x36\x40\x81\x02\x00\x00\x00"

static struct modelled m;

static const struct board_type types[] = {
	{"work_struct", 32, {{"data", 8}, {"func", 24}}},
	{"tasklet_struct", 40, {{"state", 8}, {"func", 24}, {"data", 32}}},
	{"callback_head", 16, {{"func", 8}}},
	{"semaphore", 16, {{"count", 0}}},
	BOARD_LATER_TYPES};

static void fill(void)
{
	small_put_bytes(COUNT_CODE, "\x48\xff\x07\xc3", 4); /* incq (%rdi); ret */
	/* incl DONE; ret */
	small_put_bytes(DONE_CODE, "\xff\x04\x25\x00\x31\x40\x81\xc3", 8);
	/* movq $0,BITS; ret */
	small_put_bytes(CLEAR_CODE,
			"\x48\xc7\x04\x25\x08\x31\x40\x81\x00\x00\x00\x00\xc3", 13);
	small_put_bytes(TEN_CODE, "\xbe\x0a\x00\x00\x00", 5); /* mov $10,%esi */
	small_put_branch(TEN_CODE + 5, 0xe9,
			 modelled_address("wait_for_completion_timeout"));
	/* test %rdi,%rdi; jne 1f; incq (%rsi); 1: ret */
	small_put_bytes(GIVEN_CODE, "\x48\x85\xff\x75\x03\x48\xff\x06\xc3", 9);
	small_put_bytes(TIME_CODE, "\xb8\x40\x42\x0f\x00\xc3", 6);
	small_put_branch(YIELD_CODE, 0xe8, modelled_address("yield"));
	/* incq COUNT; ret */
	small_put_bytes(YIELD_CODE + 5, "\x48\xff\x04\x25\x10\x31\x40\x81\xc3", 9);
	small_put_bytes(AGAIN_CODE, "\x48\x89\xfa", 3); /* mov %rdi,%rdx */
	small_put_branch(AGAIN_CODE + 3, 0xe9, modelled_address("queue_work_on"));
	/* movl $2,THREAD+24; mov $10,%edi or mov $1,%edx */
	small_put_bytes(SLEEP_CODE, PREPARE, 11);
	small_put_branch(SLEEP_CODE + 11, 0xe9, modelled_address("schedule"));
	small_put_bytes(SLEEP_TEN_CODE, PREPARE "\xbf\x0a\x00\x00\x00", 16);
	small_put_branch(SLEEP_TEN_CODE + 16, 0xe9, modelled_address("schedule_timeout"));
	small_put_bytes(SLEEP_NS_CODE, PREPARE "\xba\x01\x00\x00\x00", 16);
	small_put_branch(SLEEP_NS_CODE + 16, 0xe9,
			 modelled_address("schedule_hrtimeout_range"));
	small_put(WORK + 24, COUNT_CODE);
	small_put(TIMER + 24, COUNT_CODE);
	small_put(TASKLET + 24, COUNT_CODE);
	small_put(TASKLET + 32, COUNT);
	small_put(HRTIMER + 40, COUNT_CODE);
	small_put(HRTIMER + 48, CLOCK_BASE);
	small_put(CLOCK_BASE, (uint64_t)1 << 32); /* CLOCK_MONOTONIC */
}

static void setup(void)
{
	modelled_open(&m, "ffffffff81001500 T ktime_get\n", types,
		      sizeof(types) / sizeof(types[0]), fill);
}

static void teardown(void)
{
	modelled_close(&m);
}

TestSuite(dryrun_waiting, .init = setup, .fini = teardown);

static uint64_t call(const char *name, uint64_t a, uint64_t b, uint64_t c)
{
	return modelled_call(&m, name, a, b, c, 0);
}

static uint64_t at(uint64_t va)
{
	return board_read(&m.board, va);
}

static uint64_t ticks(void)
{
	return clock_jiffies(&m.board.machine);
}

static void expect_goes_on(void)
{
	cr_expect_not(m.board.machine.run.has_ended, "%s", m.board.machine.run.why);
}

/* The task that waits, as it says before it does: TASK_UNINTERRUPTIBLE. */
static void prepare_to_sleep(void)
{
	modelled_put_int(&m, MODELLED_TASK + 24, 2);
}

/* Work that does something else than to count itself, @delay ticks from now. */
static void queue_other(uint64_t function, uint64_t delay)
{
	modelled_put(&m, WORK + 24, function);
	cr_assert_eq(modelled_call(&m, "queue_delayed_work_on", 0, 0, WORK, delay), 1);
}

static void start_thread(uint64_t function, uint64_t data)
{
	deferred_add_thread(&m.state.deferred, THREAD, function, data, STACKS + 0x2000);
	deferred_wake(&m.state.deferred, THREAD);
	cr_assert(deferred_run_one(&m.state.deferred, &m.board.machine));
}

static const struct deferred_thread *thread(void)
{
	return deferred_thread(&m.state.deferred, THREAD);
}

static bool run_one(void)
{
	return deferred_run_one(&m.state.deferred, &m.board.machine);
}

static void pass(uint64_t nr_ticks)
{
	clock_pass(&m.board.machine, nr_ticks * MODELLED_TICK_NS);
}

Test(dryrun_waiting, a_delay_lasts_what_it_says)
{
	static const struct {
		const char *name;
		uint64_t argument, ns;
	} rows[] = {
		{"__ndelay", 7, 7},
		{"__udelay", 5, 5000},
		{"__delay", 9, 9},
		{"__const_udelay", 4295, 1000}, /* a microsecond: 2^32 / 10^6 */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before = m.board.machine.run.passed_ns;

		call(rows[i].name, rows[i].argument, 0, 0);
		cr_expect_eq(m.board.machine.run.passed_ns - before, rows[i].ns, "%s",
			     rows[i].name);
	}
	expect_goes_on();
}

/* Ticks that have begun count as a whole, and one more. */
Test(dryrun_waiting, a_sleep_lasts_what_it_says)
{
	uint64_t before = ticks();

	call("msleep", 10, 0, 0);
	cr_expect_eq(ticks() - before, 3);
	call("usleep_range", 9000, 9999, 0);
	cr_expect_eq(ticks() - before, 6);
	cr_expect_eq(call("schedule_timeout", 5, 0, 0), 5);
	cr_expect_eq(ticks() - before, 6, "it is awake: nobody put it to sleep");
	prepare_to_sleep();
	cr_expect_eq(call("schedule_timeout", 5, 0, 0), 0);
	cr_expect_eq(ticks() - before, 11);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_timeout", (uint64_t)-5, 0, 0), 0);
	cr_expect_eq(ticks() - before, 11);
	expect_goes_on();
}

Test(dryrun_waiting, others_run_while_it_sleeps)
{
	queue_other(COUNT_CODE, 1);
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(WORK), 1);
	queue_other(COUNT_CODE, 200);
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(WORK), 1, "that is not yet due");
}

/* A function that gets its work's own address wakes no thread: then it wakes who waits.
 */
Test(dryrun_waiting, who_is_woken_has_time_left)
{
	uint64_t before = ticks();

	queue_other(modelled_address("wake_up_process"), 4);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_timeout", 10, 0, 0), 6);
	cr_expect_eq(ticks() - before, 4);
	cr_expect_eq((uint32_t)at(MODELLED_TASK + 24), 0, "it runs");
	queue_other(modelled_address("wake_up_process"), 4);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_timeout", INT64_MAX, 0, 0), INT64_MAX);
	cr_expect_eq(ticks() - before, 8);
	expect_goes_on();
}

Test(dryrun_waiting, nanoseconds)
{
	uint64_t before = ticks();

	modelled_put(&m, NS, 20 * 1000000);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_hrtimeout_range", NS, 0, 1), 0);
	cr_expect_eq(ticks() - before, 6);
	queue_other(modelled_address("wake_up_process"), 0);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_hrtimeout_range", NS, 0, 1), (uint64_t)-EINTR);
	cr_expect_eq(ticks() - before, 6);
	modelled_put(&m, NS, (uint64_t)-1);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_hrtimeout_range", NS, 0, 1), 0, "it is over");
	cr_expect_eq(ticks() - before, 7);
	prepare_to_sleep();
	cr_expect_eq(call("schedule_hrtimeout_range", 0, 0, 1), (uint64_t)-EINTR);
	cr_expect_eq(ticks() - before, 7, "no end, and nobody: it looks for itself");
	expect_goes_on();
}

/* It goes on each time and looks for itself; not for ever. */
Test(dryrun_waiting, what_never_happens_is_given_up)
{
	for (unsigned i = 0; i < 1000; i++) {
		prepare_to_sleep();
		call("schedule", 0, 0, 0);
	}
	expect_goes_on();
	call("yield", 0, 0, 0);
	modelled_expect_end(&m, DRYRUN_WAITS, IN_VAIN);
}

/* Work that queues itself for ever keeps nobody from giving up. */
Test(dryrun_waiting, what_happens_and_never_helps_is_given_up)
{
	queue_other(AGAIN_CODE, 0);
	prepare_to_sleep();
	call("schedule", 0, 0, 0);
	modelled_expect_end(&m, DRYRUN_WAITS, IN_VAIN);
}

Test(dryrun_waiting, what_never_completes_it_is_given_up)
{
	queue_other(AGAIN_CODE, 0);
	call("wait_for_completion", DONE, 0, 0);
	modelled_expect_end(&m, DRYRUN_WAITS, IN_VAIN);
}

Test(dryrun_waiting, a_thread_that_yields_goes_on_later)
{
	start_thread(YIELD_CODE, 0);
	cr_expect_eq(at(COUNT), 0);
	cr_expect(run_one());
	cr_expect_eq(at(COUNT), 1);
	cr_expect(thread()->has_ended);
	expect_goes_on();
}

Test(dryrun_waiting, who_yields_lets_a_thread_go_first)
{
	deferred_add_thread(&m.state.deferred, THREAD, COUNT_CODE, COUNT,
			    STACKS + 0x2000);
	deferred_wake(&m.state.deferred, THREAD);
	call("yield", 0, 0, 0);
	cr_expect_eq(at(COUNT), 1);
	cr_expect_eq(m.state.nr_waits, 0);
}

/* A thread that is awake is found so at once. */
Test(dryrun_waiting, a_thread_sleeps_until_it_is_woken)
{
	start_thread(SLEEP_CODE, 0);
	cr_expect_not(run_one());
	cr_expect_not(thread()->has_ended);
	call("wake_up_process", THREAD, 0, 0);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	expect_goes_on();
}

Test(dryrun_waiting, a_thread_that_is_awake_does_not_sleep)
{
	start_thread(modelled_address("schedule"), 0);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
}

Test(dryrun_waiting, a_thread_sleeps_until_its_time)
{
	start_thread(modelled_address("msleep"), 20);
	cr_expect_not(run_one());
	cr_expect_not(thread()->has_ended);
	pass(6);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	expect_goes_on();
}

Test(dryrun_waiting, a_threads_timeout)
{
	start_thread(SLEEP_TEN_CODE, 0);
	pass(4);
	cr_expect_not(run_one());
	call("wake_up_process", THREAD, 0, 0);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	cr_expect_eq(thread()->result, 6, "ticks are left");
}

Test(dryrun_waiting, a_threads_nanoseconds)
{
	modelled_put(&m, NS, 20 * 1000000);
	start_thread(SLEEP_NS_CODE, NS);
	pass(5);
	cr_expect_not(run_one());
	pass(1);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	cr_expect_eq(thread()->result, 0);
}

Test(dryrun_waiting, what_is_done_is_not_waited_for)
{
	modelled_put_int(&m, DONE, 2);
	cr_expect_eq(call("wait_for_completion", DONE, 0, 0), 0);
	cr_expect_eq((uint32_t)at(DONE), 1);
	cr_expect_eq(call("wait_for_completion_timeout", DONE, 10, 0), 10);
	cr_expect_eq((uint32_t)at(DONE), 0);
	modelled_put_int(&m, DONE, UINT32_MAX); /* complete_all() */
	call("wait_for_completion", DONE, 0, 0);
	cr_expect_eq((uint32_t)at(DONE), UINT32_MAX);
	cr_expect_null(m.state.assumed);
	cr_expect_eq(m.board.machine.run.nr_invented, 0);
}

Test(dryrun_waiting, work_completes_it)
{
	queue_other(DONE_CODE, 3);
	cr_expect_eq(call("wait_for_completion_timeout", DONE, 10, 0), 7);
	cr_expect_eq((uint32_t)at(DONE), 0, "and that is used up");
	queue_other(DONE_CODE, 3);
	call("wait_for_completion", DONE, 0, 0);
	cr_expect_null(m.state.assumed);
}

/* A device might: both ends are taken, or what is assumed is told. */
Test(dryrun_waiting, nobody_here_completes_it)
{
	cr_expect_eq(call("wait_for_completion_timeout", DONE, 10, 0), 1);
	cr_expect_eq(m.board.machine.run.nr_invented, 1);
	m.board.machine.variant = 1;
	cr_expect_eq(call("wait_for_completion_timeout", DONE, 10, 0), 0);
	cr_expect_null(m.state.assumed);
	cr_expect_eq(call("wait_for_completion", DONE, 0, 0), 0);
	cr_expect_str_eq(m.state.assumed, "wait_for_completion");
}

Test(dryrun_waiting, a_thread_waits_for_a_completion)
{
	start_thread(modelled_address("wait_for_completion"), DONE);
	cr_expect_not(run_one());
	modelled_put_int(&m, DONE, 1);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	cr_expect_eq((uint32_t)at(DONE), 0);
	expect_goes_on();
}

Test(dryrun_waiting, a_thread_waits_for_a_completion_for_some_time)
{
	start_thread(TEN_CODE, DONE);
	pass(9);
	cr_expect_not(run_one());
	modelled_put_int(&m, DONE, 1);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	cr_expect_eq(thread()->result, 1, "one tick is left");
}

Test(dryrun_waiting, a_threads_time_for_a_completion_is_over)
{
	start_thread(TEN_CODE, DONE);
	pass(10);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	cr_expect_eq(thread()->result, 0);
	cr_expect_eq(m.board.machine.run.nr_invented, 0, "nothing else is possible");
}

Test(dryrun_waiting, a_semaphore_is_raised_by_work)
{
	queue_other(DONE_CODE, 3);
	cr_expect_eq(call("__down", DONE, 0, 0), 0);
	cr_expect_eq((uint32_t)at(DONE), 0);
	queue_other(DONE_CODE, 3);
	cr_expect_eq(call("__down_timeout", DONE, 10, 0), 0);
	cr_expect_eq((uint32_t)at(DONE), 0);
	cr_expect_eq(m.board.machine.run.nr_invented, 0);
}

/* It was held when the memory was read: by whom is not known. */
Test(dryrun_waiting, a_semaphore_that_nobody_raises)
{
	cr_expect_eq(call("__down", DONE, 0, 0), 0);
	cr_expect_eq(call("__down_timeout", DONE, 10, 0), 0);
	m.board.machine.variant = 1;
	cr_expect_eq(call("__down_timeout", DONE, 10, 0), (uint64_t)-ETIME);
	cr_expect_eq(m.board.machine.run.nr_invented, 2);
}

Test(dryrun_waiting, a_thread_waits_for_a_semaphore)
{
	start_thread(modelled_address("__down"), DONE);
	cr_expect_not(run_one());
	modelled_put_int(&m, DONE, 1);
	cr_expect(run_one());
	cr_expect(thread()->has_ended);
	cr_expect_eq((uint32_t)at(DONE), 0);
}

Test(dryrun_waiting, a_bit_is_waited_for)
{
	modelled_put(&m, BITS, (uint64_t)1 << 5);
	queue_other(CLEAR_CODE, 3);
	cr_expect_eq(call("out_of_line_wait_on_bit", BITS, 5, 0), 0);
	cr_expect_eq(at(BITS), 0);
	modelled_put(&m, BITS, (uint64_t)1 << 5);
	queue_other(CLEAR_CODE, 3);
	cr_expect_eq(call("out_of_line_wait_on_bit_lock", BITS, 5, 0), 0);
	cr_expect_eq(at(BITS), (uint64_t)1 << 5, "it is the waiter's now");
	cr_expect_eq(call("out_of_line_wait_on_bit", BITS, 5, 0), 0, "nobody clears it");
	/* Bits are counted over words. */
	cr_expect_eq(call("out_of_line_wait_on_bit_lock", BITS - 8, 64 + 7, 0), 0);
	cr_expect_eq(at(BITS), (uint64_t)1 << 5 | (uint64_t)1 << 7);
	expect_goes_on();
}

Test(dryrun_waiting, work_is_queued_once)
{
	cr_expect_eq(call("queue_work_on", 0, 0, WORK), 1);
	cr_expect_eq(call("queue_work_on", 0, 0, WORK), 0);
	cr_expect_eq(call("flush_work", WORK, 0, 0), 1);
	cr_expect_eq(at(WORK), 1);
	cr_expect_eq(call("flush_work", WORK, 0, 0), 0);
	cr_expect_eq(at(WORK), 1);
	cr_expect_eq(call("queue_work_on", 0, 0, WORK), 1);
	cr_expect_eq(call("cancel_work_sync", WORK, 0, 0), 1);
	cr_expect_eq(call("cancel_work_sync", WORK, 0, 0), 0);
	cr_expect_eq(at(WORK), 1);
}

Test(dryrun_waiting, a_queue_that_is_flushed_has_no_delayed_work_in_it)
{
	cr_expect_eq(modelled_call(&m, "mod_delayed_work_on", 0, 0, WORK, 50), 0);
	cr_expect_eq(modelled_call(&m, "mod_delayed_work_on", 0, 0, WORK, 5), 1);
	call("flush_workqueue", 0, 0, 0);
	cr_expect_eq(at(WORK), 0);
	pass(5);
	call("flush_workqueue", 0, 0, 0);
	cr_expect_eq(at(WORK), 1);
	/* One that will never come. */
	cr_expect_eq(modelled_call(&m, "queue_delayed_work_on", 0, 0, WORK, UINT64_MAX),
		     1);
	pass(1000);
	call("flush_workqueue", 0, 0, 0);
	cr_expect_eq(at(WORK), 1);
}

Test(dryrun_waiting, interrupt_work)
{
	cr_expect_eq(call("irq_work_queue", WORK, 0, 0), 1);
	cr_expect_eq(call("irq_work_queue", WORK, 0, 0), 0);
	call("irq_work_sync", WORK, 0, 0);
	cr_expect_eq(at(WORK), 1);
}

Test(dryrun_waiting, a_tasklet_runs_once_for_each_time)
{
	modelled_put(&m, TASKLET + 8, 1); /* TASKLET_STATE_SCHED */
	call("__tasklet_schedule", TASKLET, 0, 0);
	cr_expect(run_one());
	cr_expect_eq(at(COUNT), 1, "it got its data");
	cr_expect_eq(at(TASKLET + 8), 0);
	cr_expect_not(run_one());
}

Test(dryrun_waiting, no_firmware_comes_later)
{
	machine_call(&m.board.machine, modelled_address("request_firmware_nowait"), 7,
		     (const uint64_t[]){0, 0, 0, 0, 0, COUNT, GIVEN_CODE},
		     &m.board.result);
	cr_expect_eq(m.board.result.value, 0);
	cr_expect_null(m.state.deferred.assumed);
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(COUNT), 1);
	cr_expect_str_eq(m.state.deferred.assumed, "request_firmware_nowait");
}

Test(dryrun_waiting, a_timer_runs_when_somebody_waits_for_so_long)
{
	modelled_put(&m, TIMER + 16, ticks() + 3);
	call("add_timer", TIMER, 0, 0);
	cr_expect_eq(at(TIMER + 8), TIMER, "pending");
	pass(2);
	cr_expect_not(run_one());
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(TIMER), 1);
	cr_expect_eq(at(TIMER + 8), 0);
}

Test(dryrun_waiting, a_timers_time_is_changed)
{
	uint64_t now = ticks();

	cr_expect_eq(call("mod_timer_pending", TIMER, now + 5, 0), 0);
	cr_expect_not(deferred_has(&m.state.deferred, DEFERRED_TIMER, TIMER));
	cr_expect_eq(call("mod_timer", TIMER, now + 9, 0), 0);
	cr_expect_eq(at(TIMER + 16), now + 9);
	cr_expect_eq(call("mod_timer_pending", TIMER, now + 8, 0), 1);
	cr_expect_eq(at(TIMER + 16), now + 8);
	cr_expect_eq(call("timer_reduce", TIMER, now + 10, 0), 1);
	cr_expect_eq(at(TIMER + 16), now + 8, "that is later");
	cr_expect_eq(call("timer_reduce", TIMER, now + 2, 0), 1);
	cr_expect_eq(at(TIMER + 16), now + 2);
	cr_expect_eq(call("timer_delete", TIMER, 0, 0), MODELLED_OWN);
	pass(20);
	cr_expect_not(run_one());
	cr_expect_eq(call("timer_reduce", TIMER, now, 0), 0, "it was not pending");
}

Test(dryrun_waiting, a_timer_of_nanoseconds)
{
	static const uint64_t MS = 1000000;

	modelled_call(&m, "hrtimer_start_range_ns", HRTIMER, 20 * MS, 0, 1);
	cr_expect_eq(at(HRTIMER + 8), 21 * MS, "from now on");
	cr_expect_eq(at(HRTIMER + 56), 1);
	cr_expect_not(run_one());
	cr_expect_eq(call("hrtimer_cancel", HRTIMER, 0, 0), 1);
	cr_expect_eq(at(HRTIMER + 56), 0);
	cr_expect_eq(call("hrtimer_cancel", HRTIMER, 0, 0), MODELLED_OWN);
	modelled_call(&m, "hrtimer_start_range_ns", HRTIMER, MS / 2, 0, 0);
	cr_expect(run_one());
	cr_expect_eq(at(HRTIMER), 1);
}

/* The kernel had it in its queue when the memory was read. */
Test(dryrun_waiting, a_timer_of_the_kernels_own_stays)
{
	modelled_put(&m, HRTIMER + 56, 1);
	modelled_call(&m, "hrtimer_start_range_ns", HRTIMER, 1000000, 0, 1);
	cr_expect_eq(at(HRTIMER + 8), 0);
	cr_expect_not(deferred_has(&m.state.deferred, DEFERRED_HRTIMER, HRTIMER));
}

Test(dryrun_waiting, a_callback_comes_after_the_readers)
{
	call("call_rcu", HEAD, COUNT_CODE, 0);
	call("call_srcu", 0, HEAD + 16, COUNT_CODE);
	cr_expect_eq(at(HEAD + 8), COUNT_CODE);
	cr_expect_not(run_one());
	call("rcu_barrier", 0, 0, 0);
	cr_expect_eq(at(HEAD), 1);
	cr_expect_eq(at(HEAD + 16), 1);
	/* kfree_rcu(): an offset, and nothing that could be called */
	call("call_rcu", HEAD, 16, 0);
	call("rcu_barrier", 0, 0, 0);
	cr_expect_eq(at(HEAD), 1);
	expect_goes_on();
}
