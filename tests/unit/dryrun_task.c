/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/task.h"

#include <criterion/criterion.h>

#include "rig.h"

static struct board board;

static const struct board_type types[] = {
	{"task_struct", 64, {{"tasks", 0}, {"stack", 16}}},
	{"pcpu_hot", 64, {{"current_task", 8}, {"preempt_count", 16}}},
	{"cpuhp_cpu_state", 64, {{"thread", 24}}},
};

static void fill(void)
{
	small_put(SMALL_DATA + 0xf08, RIG_PER_CPU);
	small_put(SMALL_DATA + 0x1000, RIG_TASK);
	small_put(RIG_TASK + 16, RIG_STACK);
	for (uint64_t va = RIG_PER_CPU; va < RIG_PER_CPU + 0x100; va += 8)
		small_put(va, 0x1111111111111111);
}

static void open_with(const char *symbols)
{
	board_open(&board, symbols, fill,
		   board_btf(types, sizeof(types) / sizeof(types[0])));
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_task, .fini = teardown);

#define INIT_TASK "ffffffff81401000 D init_task\n"

Test(dryrun_task, the_machine_runs_as_process_1)
{
	open_with("0000000000000010 A current_task\n"
		  "0000000000000020 A __preempt_count\n"
		  "0000000000000040 A cpuhp_state\n" BOARD_SYMBOLS INIT_TASK);
	cr_assert(task_enter(&board.machine, BOARD_MARKER));
	cr_expect_eq(board_read(&board, RIG_CURRENT), RIG_TASK);
	cr_expect_eq(task_current(&board.machine), RIG_TASK);
	cr_expect_eq(board.machine.stack_top, RIG_STACK + 16384 - 512);
	cr_expect_eq(board.machine.return_marker, BOARD_MARKER);
	cr_expect_eq((uint32_t)board_read(&board, RIG_PER_CPU + 0x20), 1U << 31);
	cr_expect_eq(board_read(&board, RIG_PER_CPU + 0x40 + 24), 0, "hotplug thread");
}

Test(dryrun_task, from_6_2_to_6_14_it_is_in_pcpu_hot)
{
	open_with("0000000000000080 A pcpu_hot\n" BOARD_SYMBOLS INIT_TASK);
	cr_assert(task_enter(&board.machine, BOARD_MARKER));
	cr_expect_eq(board_read(&board, RIG_PER_CPU + 0x88), RIG_TASK);
	cr_expect_eq((uint32_t)board_read(&board, RIG_PER_CPU + 0x90), 1U << 31);
	cr_expect_eq(task_current(&board.machine), RIG_TASK);
}

Test(dryrun_task, without_a_task_list_there_is_none)
{
	open_with("0000000000000010 A current_task\n" BOARD_SYMBOLS);
	cr_expect_not(task_enter(&board.machine, BOARD_MARKER));
	cr_expect_eq(board.machine.stack_top, BOARD_STACK, "as it was");
}

Test(dryrun_task, who_current_is_may_not_be_known)
{
	open_with(BOARD_SYMBOLS INIT_TASK);
	cr_expect(task_enter(&board.machine, BOARD_MARKER));
	cr_expect_eq(task_current(&board.machine), 0);
}
