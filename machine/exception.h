/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel makes of an exception, asked of the kernel's own code. */
#ifndef KWCHECK_MACHINE_EXCEPTION_H
#define KWCHECK_MACHINE_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* exception_fixup - has the kernel a fixup for a page fault at @rip?
 * machine->run.fault is that page fault. true: the registers are as the kernel's
 * exception table wants them.
 */
bool exception_fixup(struct machine *machine, uint64_t rip);

/* exception_invalid - an instruction that the emulator does not know, at @rip
 * A WARN() is stepped over, an instruction that can be done in software is done. false:
 * it is a BUG() (*@is_bug), or nothing that is known: machine_stop().
 */
bool exception_invalid(struct machine *machine, uint64_t rip, bool *is_bug);

#endif
