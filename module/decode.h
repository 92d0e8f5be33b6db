/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zydis' view of an instruction, turned into ours. */
#ifndef KWCHECK_MODULE_DECODE_H
#define KWCHECK_MODULE_DECODE_H

#include "module/code.h"

/* decode_section - the instructions of one executable section, in order
 *
 * @section: section, va and size_bytes are set; insns and nr_insns are filled.
 * Starts anew at every function symbol; a byte that begins no instruction is skipped and
 * counted in *@nr_undecoded. Returns 0 or -ENOMEM.
 */
int decode_section(const struct place *place, struct code_section *section,
		   size_t *nr_undecoded);

#endif
