/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/kernelcall.h"

#include <criterion/criterion.h>
#include <string.h>

#include "board.h"
#include "dryrun/reason.h"

static struct board board;

static void fill(void)
{
	small_put_bytes(BOARD_CODE, "\x48\x8b\x07\xc3", 4); /* mov (%rdi),%rax; ret */
	small_put_bytes(BOARD_CODE + 16, "\xf4", 1);	    /* hlt */
	small_put(SMALL_DATA, 42);
}

static void setup(void)
{
	board_open(&board, BOARD_SYMBOLS "ffffffff81001000 T reader\n", fill, NULL);
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_kernelcall, .init = setup, .fini = teardown);

Test(dryrun_kernelcall, its_value_comes_back)
{
	const uint64_t argument = SMALL_DATA;
	uint64_t value = 0;

	cr_assert(kernelcall_run(&board.machine, BOARD_CODE, 1, &argument, &value));
	cr_expect_eq(value, 42);
}

Test(dryrun_kernelcall, a_fault_is_not_the_modules)
{
	const uint64_t argument = BOARD_NOTHING;
	uint64_t value = 7;

	cr_expect_not(kernelcall_run(&board.machine, BOARD_CODE, 1, &argument, &value));
	cr_expect_eq(value, 7, "written on failure");
	cr_expect_eq(board.machine.run.reason, DRYRUN_UNPREPARED);
	cr_expect_str_eq(board.machine.run.why,
			 "the loader's own code faulted at 0xffffffff81001000 (address "
			 "0xffffffff81408000)");
}

Test(dryrun_kernelcall, what_stopped_it_is_the_reason)
{
	uint64_t value;

	cr_expect_not(kernelcall_run(&board.machine, BOARD_CODE + 16, 0, NULL, &value));
	cr_expect_eq(board.machine.run.reason, MACHINE_HALTED);
}

Test(dryrun_kernelcall, a_function_that_is_not_there_is_not_missed)
{
	const uint64_t argument = BOARD_NOTHING;

	cr_expect(kernelcall_if_there(&board.machine, "nobody", 1, &argument));
	cr_expect_not(kernelcall_if_there(&board.machine, "reader", 1, &argument));
}
