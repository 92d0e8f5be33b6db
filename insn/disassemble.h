/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the instructions of a section start, and which forms they are of. */
#ifndef KWCHECK_INSN_DISASSEMBLE_H
#define KWCHECK_INSN_DISASSEMBLE_H

#include "insn/forms.h"

/* disassemble_section - of one executable section, in order
 *
 * @forms: opened; grows.
 * @section: all that relocate_load() knows is set; starts, index and nr_insns are filled.
 * Starts anew at every function symbol; a byte that begins no instruction is skipped and
 * counted in *@nr_undecoded. Returns 0 or -ENOMEM.
 */
int disassemble_section(struct forms *forms, struct code_section *section,
			size_t *nr_undecoded);

#endif
