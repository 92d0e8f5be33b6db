/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a machine's code: what the emulator calls back for, and what ends a stretch. */
#ifndef KWCHECK_MACHINE_EXEC_H
#define KWCHECK_MACHINE_EXEC_H

#include "machine/cpu.h"

/* Sets the emulator's hooks. Returns 0 or -ENOMEM. */
int exec_add_hooks(struct machine *machine);

/* exec_until - runs from rip until the code returns to machine->return_marker with rsp
 * @final_rsp. A fault, a BUG() or a bound ends the run earlier: @ret says which.
 */
void exec_until(struct machine *machine, uint64_t final_rsp, struct machine_result *ret);

#endif
