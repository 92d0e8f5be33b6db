/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was followed as a pointer, by its value. */
#ifndef KWCHECK_OOPS_POINTER_H
#define KWCHECK_OOPS_POINTER_H

#include "oops/crash.h"
#include "oops/instruction.h"

enum pointer_kind {
	POINTER_OTHER = 0, /* nothing that its value tells */
	POINTER_NULL,
	POINTER_SMALL,	  /* a number below a page's size */
	POINTER_NEGATIVE, /* the same, negative: -ERRNO, or a member of NULL's container
			   */
};

struct pointer {
	enum pointer_kind kind;
	/* The register that held it; NULL: not known, the address alone tells. */
	const struct instruction_operand *base;
};

/* pointer_find - what made @address
 * @instruction: NULL where none could be decoded.
 */
struct pointer pointer_find(const struct instruction *instruction, uint64_t address);

/* The register that holds what list_del() leaves in an entry; REGISTER_NR: none does. */
enum register_name pointer_poison(const struct registers *registers);

/* Is @address what list_del() leaves, or in a structure there? */
bool pointer_is_poison(uint64_t address);
/* Is it exactly that? */
bool pointer_is_list_poison(uint64_t address);

/* What fills memory whose bytes @address is made of: "freed slab objects"; NULL: nothing
 * known. An offset may have been added.
 */
const char *pointer_filling(uint64_t address);

/* The 8 bytes of @value as text, lowest first; false: some are no printable ASCII. */
bool pointer_text(uint64_t value, char text[9]);

#endif
