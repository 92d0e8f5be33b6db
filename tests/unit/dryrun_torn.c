/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/torn.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "dryrun/reason.h"

static struct torn torn;
static struct dryrun end;

static void setup(void)
{
	memset(&torn, 0, sizeof(torn));
	memset(&end, 0, sizeof(end));
}

TestSuite(dryrun_torn, .init = setup);

static void undecided(unsigned reason, const char *why)
{
	end.outcome = DRYRUN_UNDECIDED;
	end.reason = reason;
	snprintf(end.why, sizeof(end.why), "%s", why);
}

static void fault_at(uint64_t rip)
{
	end.outcome = DRYRUN_FAULT;
	end.result.registers[MACHINE_RIP] = rip;
}

static void expect_end(enum dryrun_outcome outcome, unsigned reason)
{
	cr_expect_eq(end.outcome, outcome);
	cr_expect_eq(end.reason, reason, "%s", dryrun_reason_name(end.reason));
}

Test(dryrun_torn, what_needs_no_second_try)
{
	end.outcome = DRYRUN_RETURNED;
	cr_expect_not(torn_goes_on(&torn, &end, false));
	setup();
	fault_at(0xffffffffc0000010);
	cr_expect_not(torn_goes_on(&torn, &end, true));
	torn_finish(&torn, &end, true);
	expect_end(DRYRUN_FAULT, 0);
	setup();
	undecided(MACHINE_INSTRUCTIONS, "too many");
	cr_expect_not(torn_goes_on(&torn, &end, false));
	torn_finish(&torn, &end, false);
	expect_end(DRYRUN_UNDECIDED, MACHINE_INSTRUCTIONS);
}

/* The same end again and again is no matter of memory that moves. */
Test(dryrun_torn, an_end_that_holds_is_believed)
{
	static const unsigned reasons[][2] = {{DRYRUN_INVENTED, TORN_BELIEVED_OPEN},
					      {DRYRUN_UNPREPARED, TORN_MAX_TRIES},
					      {DRYRUN_CHANGED, TORN_MAX_TRIES}};

	for (size_t j = 0; j < sizeof(reasons) / sizeof(reasons[0]); j++) {
		undecided(reasons[j][0], "it ends so");
		for (unsigned i = 1; i < reasons[j][1]; i++)
			cr_expect(torn_goes_on(&torn, &end, false));
		cr_expect_not(torn_goes_on(&torn, &end, false));
		torn_finish(&torn, &end, false);
		expect_end(DRYRUN_UNDECIDED, reasons[j][0]);
		cr_expect_str_eq(end.why, "it ends so");
		setup();
	}
	fault_at(0xffffffff81000010);
	cr_expect(torn_goes_on(&torn, &end, false));
	cr_expect(torn_goes_on(&torn, &end, false));
	cr_expect_not(torn_goes_on(&torn, &end, false));
	torn_finish(&torn, &end, false);
	expect_end(DRYRUN_FAULT, 0);
}

Test(dryrun_torn, a_good_end_after_torn_ones)
{
	undecided(DRYRUN_UNPREPARED, "the loader's own code faulted");
	cr_expect(torn_goes_on(&torn, &end, false));
	memset(&end, 0, sizeof(end));
	end.outcome = DRYRUN_RETURNED;
	cr_expect_not(torn_goes_on(&torn, &end, false));
	torn_finish(&torn, &end, false);
	expect_end(DRYRUN_RETURNED, 0);
}

Test(dryrun_torn, ends_that_differ_say_nothing)
{
	unsigned nr = 0;

	do
		fault_at(0xffffffff81000010 + nr++);
	while (torn_goes_on(&torn, &end, false));
	cr_expect_eq(nr, TORN_MAX_TRIES);
	torn_finish(&torn, &end, false);
	expect_end(DRYRUN_UNDECIDED, DRYRUN_CHANGED);
	cr_expect_eq(strncmp(end.why,
			     "the kernel's memory changed while it was read: 64 tries ",
			     55),
		     0);
	setup();
	nr = 0;
	end.has_parsed = true;
	do {
		char why[32];

		snprintf(why, sizeof(why), "faulted at %u", nr++);
		undecided(DRYRUN_UNPREPARED, why);
	} while (torn_goes_on(&torn, &end, false));
	torn_finish(&torn, &end, false);
	expect_end(DRYRUN_UNDECIDED, DRYRUN_CHANGED);
	cr_expect_not(end.has_parsed);
	cr_expect_not_null(strstr(end.why, "; the last: faulted at 63"), "%s", end.why);
}

Test(dryrun_torn, what_makes_two_ends_the_same)
{
	static struct dryrun a, b;

	a.outcome = b.outcome = DRYRUN_FAULT;
	cr_expect(torn_is_same(&a, &b));
	b.result.fault.address = 8;
	cr_expect_not(torn_is_same(&a, &b));
	a.is_bug = b.is_bug = true;
	cr_expect(torn_is_same(&a, &b));
	b.value = -2;
	cr_expect_not(torn_is_same(&a, &b));
}

/* Of a capture only what the module itself led to at once, or a store to sealed memory.
 */
Test(dryrun_torn, faults_over_a_capture)
{
	fault_at(0xffffffff81000010);
	torn_doubt(&end, false, true);
	expect_end(DRYRUN_FAULT, 0);
	torn_doubt(&end, true, false);
	expect_end(DRYRUN_FAULT, 0);
	end.result.fault.access = MACHINE_WRITE;
	end.result.fault.walk.reason = PT_OK;
	torn_doubt(&end, false, false);
	expect_end(DRYRUN_FAULT, 0);
	end.result.fault.walk.reason = PT_NOT_PRESENT;
	torn_doubt(&end, false, false);
	expect_end(DRYRUN_UNDECIDED, DRYRUN_CHANGED);
	cr_expect_str_eq(end.why,
			 "a fault in the kernel's own code, over memory that was "
			 "captured while the kernel ran: its lists may not fit "
			 "together; ask the running kernel");
	setup();
	end.outcome = DRYRUN_RETURNED;
	torn_doubt(&end, false, false);
	expect_end(DRYRUN_RETURNED, 0);
}
