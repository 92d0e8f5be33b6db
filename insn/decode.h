/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zydis' view of an instruction, turned into ours. */
#ifndef KWCHECK_INSN_DECODE_H
#define KWCHECK_INSN_DECODE_H

#include "insn/forms.h"

/* decode_form - of the instruction that @bytes begin with
 * @key: for forms_add(). false: they begin none, or more than @nr_bytes belong to it.
 */
bool decode_form(const unsigned char *bytes, size_t nr_bytes, struct form *ret,
		 struct form_key *key);

/* decode_entry - the entry of the instruction that @bytes begin with
 * @forms: grows by a form that has not been met. 0: they begin none.
 */
uint32_t decode_entry(struct forms *forms, const unsigned char *bytes, size_t nr_bytes);

/* Why no instruction can be read, whatever its bytes; NULL: they can be. */
const char *decode_missing(void);

#endif
