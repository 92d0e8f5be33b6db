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

#endif
