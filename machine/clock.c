/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time in the machine. */
#include "machine/clock.h"

#ifdef KWCHECK_UNICORN

#include "kcore/array.h"
#include "machine/cpu.h"

/* A slow CPU: what waits by looking at a clock again and again is not to run for long. It
 * becomes slower still, and in the other variant other than in this one, after some time
 * that no module computes for.
 */
enum { NS_PER_INSTRUCTION = 16, SLOW_FACTOR = 8, SLOW_FACTOR_OTHER = 12 };
static const uint64_t SLOW_FROM = 32 * 1024 * 1024;

uint64_t clock_ns(const struct machine *machine)
{
	uint64_t nr = machine->run.nr_instructions, ns = nr * NS_PER_INSTRUCTION;

	if (nr > SLOW_FROM)
		ns += (nr - SLOW_FROM) * NS_PER_INSTRUCTION *
		      (machine->variant ? SLOW_FACTOR_OTHER : SLOW_FACTOR);
	return ns + machine->run.passed_ns;
}

void clock_update(struct machine *machine)
{
	uint64_t now;

	if (!machine->clock.jiffies || !machine->clock.tick_ns)
		return;
	if (!machine->run.has_jiffies) {
		if (machine_read(machine, machine->clock.jiffies,
				 &machine->run.first_jiffies, sizeof(now)) < 0)
			return;
		machine->run.has_jiffies = true;
	}
	/* What was made up is how fast the CPU is. */
	if (machine->run.nr_instructions > SLOW_FROM && !machine->run.is_slow) {
		machine->run.is_slow = true;
		machine_invent(machine, 0, 0);
	}
	now = machine->run.first_jiffies + clock_ns(machine) / machine->clock.tick_ns;
	machine_write(machine, machine->clock.jiffies, &now, sizeof(now));
}

void clock_pass(struct machine *machine, uint64_t ns)
{
	static const uint64_t LONGEST = 1ULL << 60; /* 36 years */

	machine->run.passed_ns += ns < LONGEST - machine->run.passed_ns
					  ? ns
					  : LONGEST - machine->run.passed_ns;
	clock_update(machine);
}

uint64_t clock_jiffies(struct machine *machine)
{
	clock_update(machine);
	return machine->clock.tick_ns ? machine->run.first_jiffies +
						clock_ns(machine) / machine->clock.tick_ns
				      : 0;
}

/* --- what clocks are read as --- */

/* kernel/time/ntp.c: tick_nsec. HZ is 100, 250, 300 or 1000, by configuration. */
static uint64_t find_tick(struct kernel *kernel)
{
	static const uint64_t SECOND = 1000000000;
	uint64_t tick_ns;

	if (kernel_read_variable(kernel, "tick_nsec", &tick_ns, sizeof(tick_ns)) == 0 &&
	    tick_ns >= SECOND / 2000 && tick_ns <= SECOND / 50)
		return tick_ns;
	return SECOND / 250;
}

static uint32_t member_of(const struct machine *machine, const char *type,
			  const char *member)
{
	uint32_t offset;

	return types_offset(&machine->kernel->types, type, member, &offset) < 0
		       ? UINT32_MAX
		       : offset;
}

/* kernel/time/timekeeping.c:tk_core has no type of its own: a lock and, somewhere behind
 * it, the timekeeper, whose clock is the current one. 0: not found.
 */
static uint64_t find_timekeeper(struct machine *machine, uint64_t source)
{
	enum { MAX_BEFORE = 192 };
	struct kernel *kernel = machine->kernel;
	uint32_t at_mono = member_of(machine, "timekeeper", "tkr_mono"),
		 at_clock = member_of(machine, "tk_read_base", "clock");
	uint64_t core, clock;

	if (at_mono == UINT32_MAX || at_clock == UINT32_MAX ||
	    !symbols_address(&kernel->symbols, "tk_core", &core))
		return 0;
	for (uint64_t at = core + at_mono; at < core + at_mono + MAX_BEFORE; at += 8)
		if (machine_read_pointer(machine, at + at_clock, &clock) &&
		    clock == source)
			return at;
	return 0;
}

void clock_find(struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	struct clock *clock = &machine->clock;
	uint32_t at_read = member_of(machine, "clocksource", "read");
	uint64_t source, tsc = 0;

	clock->tick_ns = find_tick(kernel);
	symbols_address(&kernel->symbols, "jiffies", &clock->jiffies);
	kernel_read_variable(kernel, "tsc_khz", &clock->tsc_khz, sizeof(clock->tsc_khz));
	if (at_read == UINT32_MAX ||
	    kernel_read_variable(kernel, "curr_clocksource", &source, sizeof(source)) < 0)
		return;
	symbols_address(&kernel->symbols, "clocksource_tsc", &tsc);
	clock->is_tsc = source == tsc;
	clock->timekeeper = find_timekeeper(machine, source);
	if (!clock->timekeeper ||
	    !machine_read_pointer(machine, source + at_read, &clock->read))
		clock->read = 0;
}

static uint64_t read_base(struct machine *machine, const char *member, size_t size_bytes)
{
	uint32_t offset = member_of(machine, "tk_read_base", member);
	uint64_t value = 0;

	if (offset != UINT32_MAX && machine->clock.timekeeper)
		machine_read(machine, machine->clock.timekeeper + offset, &value,
			     size_bytes);
	return value;
}

/* cycle_last of when the run began, which the kernel's own code may bring forward. */
static uint64_t first_cycles(struct machine *machine)
{
	if (!machine->run.has_cycles)
		machine->run.first_cycles = read_base(machine, "cycle_last", 8);
	machine->run.has_cycles = true;
	return machine->run.first_cycles;
}

uint64_t clock_cycles(struct machine *machine)
{
	uint64_t mask = read_base(machine, "mask", 8),
		 mult = read_base(machine, "mult", 4),
		 shift = read_base(machine, "shift", 4) & 63;

	if (!mult)
		return 0;
	return (first_cycles(machine) +
		(uint64_t)(((unsigned __int128)clock_ns(machine) << shift) / mult)) &
	       mask;
}

uint64_t clock_tsc(struct machine *machine)
{
	static const uint64_t SOME_MINUTES = 1ULL << 40, GIGAHERTZ_KHZ = 1000000;
	uint64_t first = machine->clock.is_tsc ? first_cycles(machine) : SOME_MINUTES,
		 khz = machine->clock.tsc_khz ? machine->clock.tsc_khz : GIGAHERTZ_KHZ,
		 now = first + (uint64_t)((unsigned __int128)clock_ns(machine) * khz /
					  GIGAHERTZ_KHZ);

	/* What caches and interrupts make of the time. */
	now += array_hash(machine->run.nr_instructions + machine->variant) >> 58;
	if (now <= machine->run.last_tsc)
		now = machine->run.last_tsc + 1;
	machine->run.last_tsc = now;
	return now;
}

#endif
