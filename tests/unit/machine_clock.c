/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/clock.h"

#include <criterion/criterion.h>

#include "board.h"

#define JIFFIES (SMALL_DATA + 0x2000)
#define TICK (SMALL_DATA + 0x2008)
#define CURRENT_SOURCE (SMALL_DATA + 0x2010)
#define SOURCE (SMALL_DATA + 0x2100) /* struct clocksource */
#define CORE (SMALL_DATA + 0x2200)   /* tk_core: a lock, then the timekeeper */
#define SPIN BOARD_CODE		     /* waits until JIFFIES is %rdi */
#define TWO (BOARD_CODE + 0x40)	     /* how far apart two readings of the TSC are */

static struct board board;

static const struct board_type types[] = {
	{"clocksource", 64, {{"read", 0}}},
	{"tk_read_base",
	 64,
	 {{"clock", 0}, {"mask", 8}, {"cycle_last", 16}, {"mult", 24}, {"shift", 32}}},
	{"timekeeper", 128, {{"tkr_mono", 8}}},
};

static void fill(void)
{
	/* cmp %rdi,JIFFIES; jb SPIN; ret */
	small_put_bytes(SPIN, "\x48\x39\x3c\x25\x00\x20\x40\x81\x72\xf6\xc3", 11);
	/* rdtsc; mov %eax,%ecx; rdtsc; sub %ecx,%eax; ret */
	small_put_bytes(TWO, "\x0f\x31\x89\xc1\x0f\x31\x29\xc8\xc3", 9);
	small_put(JIFFIES, 1000);
	small_put(TICK, 1000000);
	small_put(CURRENT_SOURCE, SOURCE);
	small_put(SOURCE, 0xffffffff81001234);
	small_put(CORE + 64 + 8, SOURCE);
	small_put(CORE + 64 + 8 + 8, 0xffffffff);
	small_put(CORE + 64 + 8 + 16, 0xfffffff0);
	small_put(CORE + 64 + 8 + 24, 1 << 20);
	small_put(CORE + 64 + 8 + 32, 19);
}

static void setup(void)
{
	board_open(&board,
		   BOARD_SYMBOLS "ffffffff81402000 D jiffies\n"
				 "ffffffff81402008 D tick_nsec\n"
				 "ffffffff81402010 d curr_clocksource\n"
				 "ffffffff81402200 d tk_core\n",
		   fill, board_btf(types, 3));
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(machine_clock, .init = setup, .fini = teardown);

Test(machine_clock, what_waits_for_ticks_comes_to_an_end)
{
	board.machine.limits.instructions = 10000000;
	board_call(&board, SPIN, 1020);
	cr_expect_eq(board.result.end, MACHINE_RETURNED, "%s", board.result.why);
	cr_expect_geq(board_read(&board, JIFFIES), 1020);
	cr_expect_eq(board.machine.clock.tick_ns, 1000000);
}

Test(machine_clock, time_passes_by_sleeps)
{
	uint64_t before = clock_ns(&board.machine);

	cr_expect_eq(clock_jiffies(&board.machine), 1000);
	clock_pass(&board.machine, 7000000);
	cr_expect_eq(clock_ns(&board.machine), before + 7000000);
	cr_expect_eq(board_read(&board, JIFFIES), 1007);
	clock_pass(&board.machine, UINT64_MAX);
	clock_pass(&board.machine, UINT64_MAX);
	cr_expect_gt(clock_ns(&board.machine), before + 7000000);
}

/* Found by the clock that it has, wherever it lies; the count goes over its end. */
Test(machine_clock, the_clock_source_goes_on_from_what_the_kernel_saw_last)
{
	cr_expect_eq(board.machine.clock.read, 0xffffffff81001234);
	cr_expect_eq(clock_cycles(&board.machine), 0xfffffff0);
	clock_pass(&board.machine, 64);
	cr_expect_eq(clock_cycles(&board.machine), 16);
}

Test(machine_clock, two_readings_of_the_tsc_differ)
{
	uint64_t first;

	board_call(&board, TWO, 0);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_gt(board.result.value, 0);
	first = clock_tsc(&board.machine);
	cr_expect_gt(clock_tsc(&board.machine), first);
}

/* What looks at a clock for ever sees it run faster, differently in the other run: that
 * is made up.
 */
Test(machine_clock, a_long_run_is_a_slow_cpu)
{
	const uint64_t MANY = 64 * 1024 * 1024, EVEN = MANY * 16;
	struct machine *machine = &board.machine;
	uint64_t first;

	machine->run.nr_instructions = MANY;
	first = clock_ns(machine);
	cr_expect_gt(first, 2 * EVEN);
	cr_expect_eq(machine->run.nr_invented, 0);
	clock_jiffies(machine);
	clock_jiffies(machine);
	cr_expect_eq(machine->run.nr_invented, 1, "once");
	machine->variant = 1;
	cr_expect_gt(clock_ns(machine), first);
}
