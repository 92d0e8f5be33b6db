/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/calltype.h"

#include <criterion/criterion.h>
#include <string.h>

#include "dryrun/reason.h"
#include "rig.h"

#define LIKE (BOARD_CODE + 0x100)
#define FUNCTION (SMALL_DATA + 0x2000)
#define OF_IMAGE (BOARD_CODE + 0x200)

static struct board board;

static void fill(void)
{
	small_put(SMALL_DATA + 0xf08, RIG_PER_CPU);
}

static void setup(void)
{
	board_open(&board,
		   BOARD_SYMBOLS "ffffffff81001100 t " CALLTYPE_VOID "\n"
				 "ffffffff81002000 T _etext\n",
		   fill, NULL);
	board.machine.guards.checks_types = true;
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_calltype, .init = setup, .fini = teardown);

/* kCFI: the type stands in the four bytes before a function. */
static void put_type(uint64_t function, uint32_t type)
{
	cr_assert_eq(machine_write(&board.machine, function - 4, &type, sizeof(type)), 0);
}

Test(dryrun_calltype, the_same_type)
{
	put_type(LIKE, 0x12345678);
	put_type(FUNCTION, 0x12345678);
	cr_expect(calltype_check(&board.machine, FUNCTION, CALLTYPE_VOID, "somebody"));
	cr_expect_not(board.machine.run.has_ended);
}

Test(dryrun_calltype, another_type)
{
	put_type(LIKE, 0x12345678);
	put_type(FUNCTION, 0x12345679);
	board.machine.guards.only_reports = true;
	cr_expect(calltype_check(&board.machine, FUNCTION, CALLTYPE_VOID, "somebody"));
	board.machine.guards.only_reports = false;
	cr_expect_not(
		calltype_check(&board.machine, FUNCTION, CALLTYPE_VOID, "somebody"));
	cr_expect_eq(board.machine.run.reason, DRYRUN_INVENTED);
	cr_expect_not_null(strstr(board.machine.run.why, "somebody calls a function of "
							 "another type"));
}

/* What the kernel's own code is called by is right; of the rest nobody can tell. */
Test(dryrun_calltype, a_type_that_is_not_known)
{
	cr_expect(calltype_check(&board.machine, OF_IMAGE, NULL, "somebody"));
	cr_expect(calltype_check(&board.machine, OF_IMAGE, CALLTYPE_LONG, "somebody"));
	cr_expect_not(
		calltype_check(&board.machine, FUNCTION, CALLTYPE_LONG, "somebody"));
	cr_expect_eq(board.machine.run.reason, DRYRUN_INVENTED);
	cr_expect_not_null(strstr(board.machine.run.why, "is not known"));
}

Test(dryrun_calltype, a_kernel_that_compares_none)
{
	board.machine.guards.checks_types = false;
	cr_expect(calltype_check(&board.machine, FUNCTION, NULL, "somebody"));
	cr_expect_not(board.machine.run.has_ended);
}

/* A module that was built without kCFI has none before its init. */
Test(dryrun_calltype, init)
{
	put_type(FUNCTION, 0x12345679);
	cr_expect(calltype_check_init(&board.machine, FUNCTION));
	board.machine.guards.init_type = 0x12345679;
	cr_expect(calltype_check_init(&board.machine, FUNCTION));
	board.machine.guards.init_type = 0x12345678;
	cr_expect_not(calltype_check_init(&board.machine, FUNCTION));
	cr_expect_not_null(strstr(board.machine.run.why, "do_one_initcall()"));
}
