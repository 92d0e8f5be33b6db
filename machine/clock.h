/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time in the machine: it passes as instructions run, and where code delays or sleeps. */
#ifndef KWCHECK_MACHINE_CLOCK_H
#define KWCHECK_MACHINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* How a kernel counts time. Zeroed: not known. */
struct clock {
	uint64_t jiffies;    /* address of the count of ticks */
	uint64_t tick_ns;    /* what it counts */
	uint64_t read;	     /* function of the clock source */
	uint64_t timekeeper; /* address of its struct tk_read_base */
	bool is_tsc;
	uint32_t tsc_khz;
};

/* Nanoseconds since the run began. */
uint64_t clock_ns(const struct machine *machine);

/* clock_pass - so much time passes at once */
void clock_pass(struct machine *machine, uint64_t ns);

/* The kernel's count of ticks is brought up to that. */
void clock_update(struct machine *machine);

/* That count. */
uint64_t clock_jiffies(struct machine *machine);

/* clock_find - how the machine's kernel counts time: once, before it runs */
void clock_find(struct machine *machine);

/* What the kernel's clock source would be read as. That function of it is in
 * machine->clock.read, and cannot itself run where the source is a device.
 */
uint64_t clock_cycles(struct machine *machine);

/* What rdtsc reads. Two readings are never the same, nor is the time between them. */
uint64_t clock_tsc(struct machine *machine);

#endif
