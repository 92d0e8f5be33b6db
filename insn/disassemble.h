/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the instructions of a section start, and which forms they are of. */
#ifndef KWCHECK_INSN_DISASSEMBLE_H
#define KWCHECK_INSN_DISASSEMBLE_H

#include "insn/section.h"

/* disassemble_section - finds the instructions of one executable section, in order
 *
 * @forms: opened; grows. @section: all that relocate_load() knows is set; starts, index
 * and nr_insns are filled. Reading starts anew at every function symbol. A byte that
 * begins no instruction is skipped and counted in *@nr_undecoded. Returns 0 or -ENOMEM.
 */
int disassemble_section(struct forms *forms, struct code_section *section,
			size_t *nr_undecoded);

#endif
