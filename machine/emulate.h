/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that are done in software: those that would reach the machine (ports,
 * MSRs, control registers, the time) and those that the emulator does not know.
 */
#ifndef KWCHECK_MACHINE_EMULATE_H
#define KWCHECK_MACHINE_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* Must the instruction be done in software? Asked of every instruction that runs. */
bool emulate_wants(const unsigned char *bytes, uint32_t size);

/* emulate_insn - does the instruction at @rip and moves rip behind it
 * An instruction that cannot be done ends the run: machine_stop().
 */
void emulate_insn(struct machine *machine, uint64_t rip);

#endif
