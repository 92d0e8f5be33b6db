/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/cpu.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "board.h"

#define STRING (SMALL_DATA + 0x2000)

static struct board board;

static void fill(void)
{
	small_put_bytes(STRING, "some words", 11);
}

static void setup(void)
{
	board_open(&board, BOARD_SYMBOLS, fill, NULL);
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(machine_cpu, .init = setup, .fini = teardown);

Test(machine_cpu, a_string_is_cut_where_there_is_no_more_room)
{
	char whole[16], cut[5];

	cr_assert_eq(machine_read_string(&board.machine, STRING, whole, sizeof(whole)),
		     0);
	cr_expect_str_eq(whole, "some words");
	cr_assert_eq(machine_read_string(&board.machine, STRING, cut, sizeof(cut)), 0);
	cr_expect_str_eq(cut, "some");
	cr_expect_lt(machine_read_string(&board.machine, BOARD_NOTHING, cut, sizeof(cut)),
		     0);
}

Test(machine_cpu, nobody_returns_without_a_stack)
{
	machine_set_register(&board.machine, X86_RSP, BOARD_NOTHING);
	machine_leave(&board.machine, 1);
	cr_expect(board.machine.run.has_ended);
	cr_expect_eq(board.machine.run.reason, MACHINE_UNREADABLE);
	cr_expect_str_eq(board.machine.run.why, "the stack is gone");
}

/* The first reason counts. */
Test(machine_cpu, a_run_ends_once)
{
	machine_stop(&board.machine, MACHINE_HALTED, "first");
	machine_stop(&board.machine, MACHINE_TRAP, "second");
	cr_expect_eq(board.machine.run.reason, MACHINE_HALTED);
	cr_expect_str_eq(board.machine.run.why, "first");
}
