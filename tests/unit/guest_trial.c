/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/trial.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MARK PROTOCOL_TRIAL

static struct trial_outcome outcome;

static void read_console(const char *console, bool has_ended)
{
	trial_read(&outcome, console, has_ended);
}

Test(guest_trial, a_plan_is_lines_and_files)
{
	struct trial_plan plan = {0};

	cr_assert_eq(trial_add(&plan, TRIAL_SOFT, "a", "1", 1, ""), 0);
	cr_assert_eq(trial_add(&plan, TRIAL_NEED, "b", "22", 2, "x=1"), 0);
	cr_assert_eq(trial_add(&plan, TRIAL_LOAD, "c", "333", 3, "x=\"a b\" y=2"), 0);
	cr_assert_eq(trial_ask(&plan, "crypto-aes"), 0);
	cr_assert_eq(trial_group(&plan), 0);
	cr_assert_eq(trial_fail(&plan), 0);
	cr_expect_str_eq(plan.text, "soft 0.ko a \nneed 1.ko b x=1\n"
				    "load 2.ko c x=\"a b\" y=2\n"
				    "ask crypto-aes\ngroup\nfail\n");
	cr_assert_eq(trial_end(&plan), 0);
	cr_expect_eq(plan.nr_files, 4);
	cr_expect_str_eq(plan.files[1].name, "1.ko");
	cr_expect_eq(plan.files[2].nr, 3);
	cr_expect_str_eq(plan.files[3].name, "plan");
	cr_expect_eq(plan.files[3].bytes, plan.text);
	trial_free(&plan);
}

/* A module's name and what it asks for are bytes that others wrote. */
Test(guest_trial, no_line_can_be_made_by_a_name)
{
	struct trial_plan plan = {0};
	char large[PROTOCOL_PLAN_BYTES + 1];

	cr_expect_eq(trial_add(&plan, TRIAL_NEED, "a\nload", "", 0, ""), -EINVAL);
	cr_expect_eq(trial_add(&plan, TRIAL_NEED, "a b", "", 0, ""), -EINVAL);
	cr_expect_eq(trial_add(&plan, TRIAL_NEED, "", "", 0, ""), -EINVAL);
	cr_expect_eq(trial_add(&plan, TRIAL_NEED, "a", "", 0, "x=1\nask y"), -EINVAL);
	cr_expect_eq(trial_ask(&plan, "a b"), -EINVAL);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	cr_expect_eq(trial_ask(&plan, large), -EINVAL);
	cr_expect_eq(trial_add(&plan, TRIAL_LOAD, "a", "", 0, large), -EINVAL);
	trial_free(&plan);
}

Test(guest_trial, loaded_and_unloaded)
{
	char letters[64];

	read_console("[    0.1] Linux version 6.1\r\n" MARK "taint 0\r\n" MARK
		     "load\r\n" MARK "loaded 0\r\n" MARK
		     "log 4;x: loading out-of-tree module\r\n" MARK
		     "log 4;WARNING: CPU: 0 PID: 7 at x.c:1 x_init+0x1/0x2\r\n" MARK
		     "taint 12288\r\n" MARK "unload\r\n" MARK "unloaded 0\r\n" MARK
		     "taint 12800\r\n" MARK "done\r\n",
		     true);
	cr_expect_eq(outcome.load.end, TRIAL_RETURNED);
	cr_expect_eq(outcome.load.value, 0);
	cr_expect_eq(outcome.unload.end, TRIAL_RETURNED);
	cr_expect_eq(outcome.nr_warnings, 1);
	cr_expect_str_eq(outcome.warnings[0],
			 "WARNING: CPU: 0 PID: 7 at x.c:1 x_init+0x1/0x2");
	cr_expect_str_eq(outcome.oops, "");
	trial_taint_letters(outcome.taint_before, outcome.taint_after, letters);
	cr_expect_str_eq(letters, "WOE");
}

Test(guest_trial, an_errno)
{
	read_console(MARK "taint 0\n" MARK "load\n" MARK "loaded -19\n" MARK "done\n",
		     true);
	cr_expect_eq(outcome.load.end, TRIAL_RETURNED);
	cr_expect_eq(outcome.load.value, -19);
	cr_expect_eq(outcome.unload.end, TRIAL_NOT_DONE);
}

/* After an oops the console is loud: lines of the kernel's come between ours. */
Test(guest_trial, an_oops_kills_the_process)
{
	read_console(MARK
		     "taint 0\n" MARK "load\n"
		     "[    1.234567] BUG: unable to handle page fault for address: ff\n"
		     "[    1.234568] Oops: 0003 [#1] PREEMPT SMP\n" MARK
		     "loaded died\n" MARK "log 1;BUG: unable to handle page fault\n" MARK
		     "taint 128\n" MARK "done\n",
		     true);
	cr_expect_eq(outcome.load.end, TRIAL_DIED);
	cr_expect_str_eq(outcome.oops,
			 "BUG: unable to handle page fault for address: ff");
	cr_expect_not(outcome.is_oops_of_unload);
}

Test(guest_trial, an_oops_of_the_unload)
{
	read_console(MARK "taint 0\n" MARK "load\n" MARK "loaded 0\n" MARK
			  "taint 0\n" MARK
			  "unload\n[    1.2] BUG: kernel NULL pointer dereference\n" MARK
			  "unloaded died\n",
		     true);
	cr_expect_eq(outcome.load.end, TRIAL_RETURNED);
	cr_expect_eq(outcome.unload.end, TRIAL_DIED);
	cr_expect(outcome.is_oops_of_unload);
}

Test(guest_trial, a_machine_that_stops_was_doing_something)
{
	read_console(MARK "taint 0\n" MARK "load\n[    1.2] BUG: x\n"
			  "[    1.2] Kernel panic - not syncing: Fatal exception\n",
		     false);
	cr_expect_eq(outcome.load.end, TRIAL_PANICKED);
	read_console(MARK "taint 0\n" MARK "load\n", false);
	cr_expect_eq(outcome.load.end, TRIAL_HUNG);
	read_console(MARK "taint 0\n" MARK "load\n" MARK "loaded 0\n" MARK "unload\n",
		     false);
	cr_expect_eq(outcome.load.end, TRIAL_RETURNED);
	cr_expect_eq(outcome.unload.end, TRIAL_HUNG);
	read_console(MARK "taint 0\n", false);
	cr_expect(outcome.is_told);
	cr_expect_eq(outcome.load.end, TRIAL_NOT_DONE);
}

Test(guest_trial, what_it_needs)
{
	read_console(MARK "taint 0\n" MARK "need a 0\n" MARK "need b -17\n" MARK
			  "need c -22\n" MARK "done\n",
		     true);
	cr_expect_str_eq(outcome.needed, "c");
	cr_expect_eq(outcome.need.value, -22);
	cr_expect_eq(outcome.load.end, TRIAL_NOT_DONE);
	/* One that may fail: it went on. */
	read_console(MARK "taint 0\n" MARK "need c -22\n" MARK "load\n" MARK "loaded 0\n",
		     true);
	cr_expect_str_eq(outcome.needed, "");
}

Test(guest_trial, names_that_modprobe_was_asked_for)
{
	char many[TRIAL_MAX_ASKED * 2 * 32] = MARK "taint 0\n";

	read_console(MARK "asked by-the-kernel\n" MARK "taint 0\n"
			  "noise " MARK "asked crypto-hmac(sha1)\n" MARK
			  "asked net-pf-10\n",
		     true);
	cr_expect_eq(outcome.nr_asked, 2);
	cr_expect_str_eq(outcome.asked[0], "crypto-hmac(sha1)");
	for (int i = 0; i < TRIAL_MAX_ASKED + 5; i++)
		strcat(many, MARK "asked a\n");
	read_console(many, true);
	cr_expect_eq(outcome.nr_asked, TRIAL_MAX_ASKED);
}

/* Whatever stands there, nothing is taken for a success. */
Test(guest_trial, noise)
{
	static const char *const lines[] = {
		"loaded",     "loaded ",
		"loaded 1",   "loaded -9999999999",
		"loaded x",   "loaded diedly?",
		"taint",      "log",
		"log no-end", "need",
		"need a",     "asked",
		"need a 5",   "unloaded 18446744073709551615",
	};
	char text[128];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), MARK "load\n" MARK "%s\n", lines[i]);
		read_console(text, true);
		cr_expect_neq(outcome.load.end, TRIAL_RETURNED, "%s", lines[i]);
	}
	read_console("", true);
	cr_expect_not(outcome.is_told);
}
