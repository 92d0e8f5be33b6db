/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct hrtimer, a timer that counts nanoseconds. */
#include "dryrun/hrtimer.h"

#ifdef KWCHECK_UNICORN

#include "dryrun/kernelcall.h"
#include "kcore/symbols.h"

static bool has_member(struct machine *machine, const char *member, uint32_t *ret)
{
	return types_offset(&machine->kernel->types, "hrtimer", member, ret) == 0;
}

/* u8 state, of which HRTIMER_STATE_ENQUEUED is bit 0. */
bool hrtimer_is_queued(struct machine *machine, uint64_t timer)
{
	uint8_t state = 0;
	uint32_t offset;

	return (has_member(machine, "state", &offset) ||
		has_member(machine, "is_queued", &offset)) &&
	       machine_read(machine, timer + offset, &state, 1) == 0 && state & 1;
}

void hrtimer_set_queued(struct machine *machine, uint64_t timer, bool is_queued)
{
	uint8_t state = is_queued;
	uint32_t offset;

	if (has_member(machine, "state", &offset) ||
	    has_member(machine, "is_queued", &offset))
		machine_write(machine, timer + offset, &state, 1);
}

/* Where struct timerqueue_node node has its expires, since 2.6.30. */
static bool find_expires(struct machine *machine, uint64_t timer, uint64_t *ret)
{
	uint32_t node, offset;

	if (!has_member(machine, "node", &node) ||
	    (types_offset(&machine->kernel->types, "timerqueue_node", "expires",
			  &offset) < 0 &&
	     types_offset(&machine->kernel->types, "timerqueue_linked_node", "expires",
			  &offset) < 0))
		return false;
	*ret = timer + node + offset;
	return true;
}

/* What each clock's base reads: kernel/time/timekeeping.c. */
static const struct {
	int32_t clock;
	const char *function;
	uint64_t argument; /* enum tk_offsets */
} clocks[] = {
	{0, "ktime_get_with_offset", 0},  /* CLOCK_REALTIME */
	{1, "ktime_get", 0},		  /* CLOCK_MONOTONIC */
	{7, "ktime_get_with_offset", 1},  /* CLOCK_BOOTTIME */
	{11, "ktime_get_with_offset", 2}, /* CLOCK_TAI */
};

/* Now, by the timer's own clock: struct hrtimer_clock_base.clockid. */
static bool read_clock(struct machine *machine, uint64_t timer, uint64_t *ret)
{
	uint32_t base, offset;
	uint64_t at, function;
	int32_t clock = -1;

	if (!has_member(machine, "base", &base) ||
	    types_offset(&machine->kernel->types, "hrtimer_clock_base", "clockid",
			 &offset) < 0 ||
	    !machine_read_pointer(machine, timer + base, &at) ||
	    machine_read(machine, at + offset, &clock, sizeof(clock)) < 0)
		return false;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (clocks[i].clock == clock)
			return symbols_address(&machine->kernel->symbols,
					       clocks[i].function, &function) &&
			       kernelcall_run(machine, function, 1, &clocks[i].argument,
					      ret);
	return false;
}

bool hrtimer_set(struct machine *machine, uint64_t timer, uint64_t ns, bool is_relative)
{
	uint64_t now = 0, at;
	uint32_t soft;

	if (!find_expires(machine, timer, &at) ||
	    !has_member(machine, "_softexpires", &soft) ||
	    (is_relative && !read_clock(machine, timer, &now)))
		return false;
	ns += now;
	return machine_write(machine, at, &ns, sizeof(ns)) == 0 &&
	       machine_write(machine, timer + soft, &ns, sizeof(ns)) == 0;
}

bool hrtimer_due(struct machine *machine, uint64_t timer, uint64_t *ret)
{
	uint64_t expires, at, now;

	if (!machine->clock.tick_ns || !find_expires(machine, timer, &at) ||
	    !machine_read_pointer(machine, at, &expires) ||
	    !read_clock(machine, timer, &now))
		return false;
	*ret = clock_jiffies(machine);
	if ((int64_t)(expires - now) > 0)
		*ret += (expires - now) / machine->clock.tick_ns + 1;
	return true;
}

/* include/linux/hrtimer.h: HRTIMER_RESTART is 1. */
bool hrtimer_restarts(uint64_t value)
{
	return (uint32_t)value == 1;
}

#endif
