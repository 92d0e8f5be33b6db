/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/thread.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "dryrun/reason.h"
#include "modelled.h"

#define COUNT_CODE BOARD_CODE	       /* counts up at (%rdi), returns 5 */
#define WAIT_CODE (BOARD_CODE + 0x100) /* schedule() for ever, asleep */
#define COUNT MODELLED_DATA
#define KTHREADD_TASK (MODELLED_DATA + 8)
#define KTHREADD (MODELLED_DATA + 0x100) /* struct task_struct */

#define ALLOCATOR (SMALL_TEXT + 0x100)
#define NEXT_PAGE (SMALL_DATA + 0x200)

enum { KTHREAD_OFFSET = 0x8000 - 512 }; /* struct kthread, behind a task */

static struct modelled m;

static const struct board_type types[] = {
	{"task_struct", 64, {{"stack", 16}, {"__state", 24}, {"worker_private", 32}}},
	{"kthread", 64, {{"threadfn", 16}, {"data", 24}}},
};

static void fill(void)
{
	board_put_allocator(ALLOCATOR, NEXT_PAGE);
	/* incq (%rdi); mov $5,%eax; ret */
	small_put_bytes(COUNT_CODE, "\x48\xff\x07\xb8\x05\x00\x00\x00\xc3", 9);
	/* 1: mov %gs:0x10,%rax; movl $1,24(%rax); call; jmp 1b */
	small_put_bytes(WAIT_CODE,
			"\x65\x48\x8b\x04\x25\x10\x00\x00\x00"
			"\xc7\x40\x18\x01\x00\x00\x00",
			16);
	small_put_branch(WAIT_CODE + 16, 0xe8, modelled_address("schedule"));
	small_put_branch(WAIT_CODE + 21, 0xe9, WAIT_CODE);
	small_put(KTHREADD_TASK, KTHREADD);
	small_put(KTHREADD, 0x1122334455667788);
}

static void open_with(const char *symbols)
{
	modelled_open(&m, symbols, types, sizeof(types) / sizeof(types[0]), fill);
}

static void setup(void)
{
	open_with("ffffffff81000100 T __get_free_pages\n"
		  "ffffffff81403008 D kthreadd_task\n");
}

static void teardown(void)
{
	modelled_close(&m);
}

TestSuite(dryrun_thread, .init = setup, .fini = teardown);

static uint64_t call(const char *name, uint64_t a, uint64_t b, uint64_t c)
{
	return modelled_call(&m, name, a, b, c, 0);
}

static uint64_t create(uint64_t function)
{
	return call("kthread_create_on_node", function, COUNT, 0);
}

static uint64_t at(uint64_t va)
{
	return board_read(&m.board, va);
}

Test(dryrun_thread, one_is_made_like_kthreadd)
{
	uint64_t task = create(COUNT_CODE), other = create(COUNT_CODE);

	cr_expect_eq(at(task), 0x1122334455667788);
	cr_expect_neq(task, other);
	cr_expect_eq(at(task + 32), task + KTHREAD_OFFSET);
	cr_expect_eq(at(task + KTHREAD_OFFSET + 16), COUNT_CODE);
	cr_expect_eq(at(task + KTHREAD_OFFSET + 24), COUNT);
	cr_expect_neq(at(task + 16), at(other + 16), "a stack of its own");
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(COUNT), 0, "nobody has woken it");
	cr_expect_not(m.board.machine.run.has_ended);
}

Test(dryrun_thread, one_that_is_woken_runs_and_its_value_is_kept)
{
	uint64_t task = create(COUNT_CODE);

	cr_expect_eq(call("wake_up_process", task, 0, 0), 1);
	cr_expect_eq(at(COUNT), 0, "not before somebody waits");
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(COUNT), 1);
	cr_expect_eq(call("kthread_stop", task, 0, 0), 5);
	cr_expect_eq(at(COUNT), 1);
}

Test(dryrun_thread, one_that_never_ran_is_stopped)
{
	uint64_t task = create(COUNT_CODE);

	cr_expect_eq(call("kthread_stop", task, 0, 0), (uint64_t)-EINTR);
	call("wake_up_process", task, 0, 0);
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(COUNT), 0);
	cr_expect_eq(call("kthread_stop", KTHREADD, 0, 0), (uint64_t)-EINTR, "not ours");
	cr_expect_not(m.board.machine.run.has_ended);
}

Test(dryrun_thread, one_of_another_cpu_does_not_run)
{
	uint64_t here = call("kthread_create_on_cpu", COUNT_CODE, COUNT, 0),
		 there = call("kthread_create_on_cpu", COUNT_CODE, COUNT + 64, 1),
		 bound = create(COUNT_CODE), left = create(COUNT_CODE);

	call("kthread_bind", bound, 1, 0);
	call("kthread_bind", left, 0, 0);
	call("wake_up_process", here, 0, 0);
	call("wake_up_process", there, 0, 0);
	call("wake_up_process", bound, 0, 0);
	call("wake_up_process", left, 0, 0);
	call("msleep", 1, 0, 0);
	cr_expect_eq(at(COUNT), 2);
	cr_expect_eq(at(COUNT + 64), 0);
}

Test(dryrun_thread, one_ends_itself)
{
	uint64_t task = call("kthread_create_on_node", modelled_address("kthread_exit"),
			     7, 0);

	call("wake_up_process", task, 0, 0);
	call("msleep", 1, 0, 0);
	cr_expect_eq(call("kthread_stop", task, 0, 0), 7);
	cr_expect_not(m.board.machine.run.has_ended);
}

/* It is told to, and looks whether it was told after it was woken. */
Test(dryrun_thread, one_that_does_not_end_when_it_is_told)
{
	uint64_t task = create(WAIT_CODE);

	call("wake_up_process", task, 0, 0);
	call("msleep", 1, 0, 0);
	call("kthread_stop", task, 0, 0);
	cr_expect_eq(at(task + KTHREAD_OFFSET), 2, "KTHREAD_SHOULD_STOP");
	modelled_expect_end(&m, DRYRUN_WAITS, "it waits for a thread that does not end");
}

Test(dryrun_thread, no_module_ends_its_own_task)
{
	call("do_exit", 0, 0, 0);
	modelled_expect_end(&m, MACHINE_TRAP, "do_exit()");
}

Test(dryrun_thread, without_a_thread_to_copy_there_is_none)
{
	teardown();
	open_with("ffffffff81000100 T __get_free_pages\n");
	create(COUNT_CODE);
	modelled_expect_end(&m, DRYRUN_INVENTED, "it creates a thread");
}

Test(dryrun_thread, without_an_allocator_there_is_none)
{
	teardown();
	open_with("ffffffff81403008 D kthreadd_task\n");
	create(COUNT_CODE);
	modelled_expect_end(&m, DRYRUN_INVENTED, "it creates a thread");
}
