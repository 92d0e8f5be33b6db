/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that have been decoded, to be known again. */
#ifndef KWCHECK_INSN_FORMS_H
#define KWCHECK_INSN_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/insn.h"

enum { FORMS_MAX_BYTES = 15 }; /* of an instruction */

/* Which of the registers that the instruction's bytes tell: in steps of eight bits. */
enum form_role {
	FORM_REG = 0,	  /* ModRM's reg, REX.R (VEX has the same) */
	FORM_RM = 8,	  /* ModRM's rm, REX.B */
	FORM_OPCODE = 16, /* the opcode's lowest bits, REX.B */
	FORM_BASE = 24,	  /* SIB's base, or ModRM's rm; REX.B */
	FORM_NONE = 32,	  /* none: it is always the same, or there is no register */
};

/* A displacement or immediate, where it stands in the bytes as it is. */
struct form_value {
	uint8_t at, nr_bytes;
	uint8_t shift;	  /* 64 less the bits it has */
	bool is_told;	  /* false: the form's instruction has it */
	bool is_relative; /* to the next instruction */
};

/* What is the same in all instructions that differ in registers, displacement and
 * immediate only. Kernel code comes in some thousand forms.
 */
struct form {
	struct insn insn; /* 0 for what the bytes tell */
	struct form_value disp, imm;
	uint8_t dst, src, base; /* enum form_role */
	uint8_t writes;		/* bit n: the register of role 8 * n */
	/* Where in the instruction; 0 for what it has not. */
	uint8_t rex_at, opcode_at, modrm_at, base_at, sib_at;
	/* REX: the byte at rex_at, flipped, shifted and masked. 0: there is none. */
	uint8_t rex_flip, rex_shift, rex_mask;
	bool is_regular; /* all is as the bytes say */
	uint8_t note;	 /* enum form_note */
};

/* What tells a form from all others: the first bytes of its instruction, but for the bits
 * of REX or VEX that are of registers, and for what of ModRM, their last byte then, is
 * only a register's number.
 */
struct form_key {
	unsigned nr_bytes;
	uint8_t any[FORMS_MAX_BYTES]; /* the bits of REX or VEX, by the byte */
	bool has_any_reg, has_any_rm;
};

/* Of no module in particular. */
struct forms {
	/* FORMS_FAN of them a node, by the next byte of an instruction: 0, another node's
	 * first (its number times FORMS_FAN), or a form's entry.
	 */
	uint32_t *next;
	size_t nr_nodes;
	struct form *array;
	size_t nr;
	uint16_t *numbers; /* by a form's hash: its number + 1, or 0 */
};

enum { FORMS_FAN = 256 };

/* A form's entry: FORMS_IS_FORM, the instruction's length (forms_length()), whether it
 * may be notable (forms_note()), and the form's number, or FORMS_NONE for an instruction
 * that is not to be remembered.
 */
static const uint32_t FORMS_IS_FORM = 1U << 31;
enum {
	FORMS_LENGTH_SHIFT = 27,
	FORMS_NOTE_SHIFT = 25,
	FORMS_NONE = (1 << FORMS_NOTE_SHIFT) - 1
};

static inline unsigned forms_length(uint32_t entry)
{
	return entry >> FORMS_LENGTH_SHIFT & 15;
}

/* What the instructions are to the bitmaps of struct code_section. */
enum form_note {
	FORM_PLAIN = 0, /* in none of them */
	FORM_END,	/* control does not go on behind it, or where is not told */
	FORM_LOOK,	/* has what may be an address: see the instruction itself */
	FORM_BRANCH,	/* or call, direct */
};

static inline enum form_note forms_note(uint32_t entry)
{
	return entry >> FORMS_NOTE_SHIFT & 3;
}

/* Returns 0 or -ENOMEM. */
int forms_open(struct forms *ret);
void forms_close(struct forms *forms);

/* The entry of the instruction that @bytes begin with, if its form has been seen. 0: it
 * has not, or it is longer than @nr_bytes.
 */
uint32_t forms_find(const struct forms *forms, const unsigned char *bytes,
		    size_t nr_bytes);

/* forms_add - @form, of the instruction that @bytes begin with
 * Returns its entry, with FORMS_NONE if it is no regular one or too many are remembered.
 */
uint32_t forms_add(struct forms *forms, const unsigned char *bytes,
		   const struct form_key *key, const struct form *form);

/* NULL: FORMS_NONE. */
static inline const struct form *forms_get(const struct forms *forms, uint32_t entry)
{
	return (entry & FORMS_NONE) == FORMS_NONE ? NULL
						  : &forms->array[entry & FORMS_NONE];
}

#endif
