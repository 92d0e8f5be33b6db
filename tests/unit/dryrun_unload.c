/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/unload.h"

#include <criterion/criterion.h>
#include <string.h>

#include "dryrun/modstruct.h"
#include "dryrun/reason.h"
#include "rig.h"

#define MODULE (SMALL_DATA + 0x2800) /* struct module of one that is loaded */

static struct rig rig;

static void put(uint64_t va, uint64_t value, size_t size_bytes)
{
	cr_assert_eq(machine_write(&rig.board.machine, va, &value, size_bytes), 0);
}

static void setup(void)
{
	uint64_t entry = MODULE + RIG_MODULE_LIST;

	rig_open(&rig, RIG_SYMBOLS);
	put(RIG_MODULES, entry, 8);
	put(RIG_MODULES + 8, entry, 8);
	put(entry, RIG_MODULES, 8);
	put(entry + 8, RIG_MODULES, 8);
	cr_assert_eq(
		machine_write(&rig.board.machine, MODULE + RIG_MODULE_NAME, "other", 6),
		0);
	put(MODULE + RIG_MODULE_STATE, MODSTRUCT_LIVE, 4);
	put(MODULE + RIG_MODULE_REFCNT, 1, 4);
	put(MODULE + RIG_MODULE_INIT, RIG_HELPER, 8);
	put(MODULE + RIG_MODULE_EXIT, RIG_HELPER, 8);
	put(MODULE + RIG_MODULE_USERS, MODULE + RIG_MODULE_USERS, 8);
	put(MODULE + RIG_MODULE_USERS + 8, MODULE + RIG_MODULE_USERS, 8);
	put(RIG_SEEN, 77, 8);
}

static void teardown(void)
{
	rig_close(&rig);
}

TestSuite(dryrun_unload, .init = setup, .fini = teardown);

static bool has_run(void)
{
	return board_read(&rig.board, RIG_SEEN) != 77;
}

Test(dryrun_unload, it_is_gone)
{
	cr_assert(unload_module(&rig.board.machine, "other"));
	cr_expect(has_run(), "its exit");
	cr_expect_eq(board_read(&rig.board, RIG_MODULES), RIG_MODULES);
	cr_expect_eq(board_read(&rig.board, RIG_MODULES + 8), RIG_MODULES);
	cr_expect_not(rig.board.machine.run.has_ended);
}

Test(dryrun_unload, one_that_is_not_there)
{
	cr_expect(unload_module(&rig.board.machine, "another"));
	cr_expect_not(has_run());
	cr_expect_eq(board_read(&rig.board, RIG_MODULES), MODULE + RIG_MODULE_LIST);
}

/* As in rmmod's own order. */
Test(dryrun_unload, what_rmmod_would_not_do)
{
	static const struct {
		const char *why;
		uint64_t offset, value;
	} rows[] = {
		{"it is in use", RIG_MODULE_REFCNT, 2},
		{"it has no exit function", RIG_MODULE_EXIT, 0},
		{"it is being loaded or unloaded", RIG_MODULE_STATE, MODSTRUCT_COMING},
		{"other modules use it", RIG_MODULE_USERS, SMALL_DATA},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine_run *run = &rig.board.machine.run;

		put(MODULE + rows[i].offset, rows[i].value,
		    rows[i].offset == RIG_MODULE_REFCNT ||
				    rows[i].offset == RIG_MODULE_STATE
			    ? 4
			    : 8);
		run->has_ended = false;
		cr_expect_not(unload_module(&rig.board.machine, "other"));
		cr_expect_eq(run->reason, DRYRUN_LOADED);
		cr_expect_not_null(strstr(run->why, rows[i].why), "%s", run->why);
		cr_expect_not(has_run());
	}
}

Test(dryrun_unload, its_exit_crashes)
{
	put(MODULE + RIG_MODULE_EXIT, BOARD_NOTHING, 8);
	cr_expect_not(unload_module(&rig.board.machine, "other"));
	cr_expect_eq(rig.board.machine.run.reason, DRYRUN_UNPREPARED);
	cr_expect_not_null(strstr(rig.board.machine.run.why, "exit function"));
}
