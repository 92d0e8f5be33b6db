/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU that runs kernel code in an overlay: every access goes by the page tables, and
 * what would fault on the real one faults here. Nothing it does reaches outside.
 */
#ifndef KWCHECK_MACHINE_MACHINE_H
#define KWCHECK_MACHINE_MACHINE_H

#include "machine/cpu.h"

/* machine_open - a CPU at rest: supervisor mode, interrupts off, gs at CPU @cpu's area
 * @kernel, @landmarks: borrowed. unicorn_load() has succeeded. @ret must not move.
 * Returns 0, -ENOSYS (no emulator), -ENOSPC (unicorn_no_room() tells), -ENOENT (per-CPU
 * areas unknown), or -errno.
 */
int machine_open(struct machine *ret, struct kernel *kernel,
		 const struct landmarks *landmarks, const struct machine_limits *limits,
		 unsigned cpu, unsigned variant);
void machine_close(struct machine *machine);

/* machine_open_memory - the same over any memory, without symbols or per-CPU areas
 * @kernel: one that has been zeroed. @fetch, @ctx, @pt: as overlay_open() takes them.
 * Returns 0, -ENOSPC, or -ENOMEM.
 */
int machine_open_memory(struct machine *ret, const struct unicorn *unicorn,
			struct kernel *kernel, overlay_fetch_fn fetch, void *ctx,
			const struct pagetable *pt, const struct machine_limits *limits);

/* machine_reset - the same CPU, at rest, over the kernel's memory read anew
 * What was translated of code that is unchanged stays, which saves most of a run's time.
 * Stack, hooks and watches stay, too. Returns 0, -ENOSPC (too much was fetched: close and
 * open it), or -ENOMEM.
 */
int machine_reset(struct machine *machine, unsigned variant);

/* A run as it stood between two calls. */
struct machine_image {
	struct overlay_image memory;
	struct machine_run run;
	uint64_t registers[MACHINE_NR_REGISTERS];
	unsigned variant;
	uint64_t stack_top, return_marker;
	uint64_t took_ns; /* of CPU time */
};

/* Can a run as it stands now be taken? Not of a running kernel, nor within a call. */
bool machine_can_take(const struct machine *machine);

/* machine_take - the run as it stands now, for machine_restore() of this machine or
 * another one of the same kernel
 * @max_pages, and what it returns: as overlay_take().
 */
int machine_take(struct machine *machine, size_t max_pages, struct machine_image *ret);
/* As machine_reset(), to what was taken. */
int machine_restore(struct machine *machine, const struct machine_image *image);
void machine_image_close(struct machine_image *image);

#endif
