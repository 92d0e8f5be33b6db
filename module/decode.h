/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zydis' view of an instruction, turned into ours. */
#ifndef KWCHECK_MODULE_DECODE_H
#define KWCHECK_MODULE_DECODE_H

#include "module/code.h"

struct form;
struct form_node;

/* Instructions that have been decoded, to be known again: what is the same in all that
 * differ in displacement and immediate only. Of no module in particular.
 */
struct forms {
	struct form_node *nodes;
	size_t nr_nodes;
	struct form *array;
	size_t nr;
};

/* Returns 0 or -ENOMEM. */
int forms_open(struct forms *ret);
void forms_close(struct forms *forms);

/* decode_section - the instructions of one executable section, in order
 *
 * @forms: opened; grows.
 * @section: section, va and size_bytes are set; insns, nr_insns, index and notable
 * are filled.
 * Starts anew at every function symbol; a byte that begins no instruction is skipped and
 * counted in *@nr_undecoded. Returns 0 or -ENOMEM.
 */
int decode_section(struct forms *forms, const struct place *place,
		   struct code_section *section, size_t *nr_undecoded);

#endif
