/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forms of instructions: what is the same in all that differ only in registers,
 * displacement and immediate. A form is decoded once and then known again.
 */
#ifndef KWCHECK_INSN_FORMS_H
#define KWCHECK_INSN_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/insn.h"

enum { FORMS_MAX_BYTES = 15 }; /* of an instruction */

/* Which field of the instruction's bytes has the number of a register. The values are
 * shifts: see read_bytes() in expand.c.
 */
enum form_role {
	FORM_REG = 0,	  /* ModRM's reg, REX.R (VEX has the same) */
	FORM_RM = 8,	  /* ModRM's rm, REX.B */
	FORM_OPCODE = 16, /* the opcode's lowest bits, REX.B */
	FORM_BASE = 24,	  /* SIB's base, or ModRM's rm; REX.B */
	FORM_NONE = 32,	  /* none: the register is always the same, or there is none */
};

/* Where a displacement or an immediate stands in the bytes of an instruction. */
struct form_value {
	uint8_t at, nr_bytes;
	uint8_t shift;	  /* 64 less its size in bits */
	bool is_told;	  /* false: the value is the form's own */
	bool is_relative; /* to the next instruction */
};

/* What all instructions have in common that differ only in registers, displacement and
 * immediate. Kernel code comes in some thousand forms.
 */
struct form {
	struct insn insn; /* with 0 for what the bytes say */
	struct form_value disp, imm;
	uint8_t dst, src, base; /* enum form_role */
	uint8_t writes;		/* bit n: the register of role 8 * n */
	/* Offsets in the instruction. 0: it has no such byte. */
	uint8_t rex_at, opcode_at, modrm_at, base_at, sib_at;
	/* REX is the byte at rex_at, flipped, shifted and masked. 0: there is none. */
	uint8_t rex_flip, rex_shift, rex_mask;
	bool is_regular; /* its bytes say all that differs */
	uint8_t note;	 /* enum form_note */
};

/* The key of a form: the leading bytes, with the register bits of REX or VEX masked out.
 * If the last of them is ModRM, its fields that only number a register are masked out,
 * too.
 */
struct form_key {
	unsigned nr_bytes;
	uint8_t any[FORMS_MAX_BYTES]; /* the bits of byte n that are masked out */
	bool has_any_reg, has_any_rm;
};

/* All forms met so far, in whichever module. */
struct forms {
	/* A node has FORMS_FAN of these, one for each value of the instruction's next
	 * byte. 0: no form goes on so. Else it is a form's entry, or the index of the
	 * next node's first.
	 */
	uint32_t *next;
	size_t nr_nodes;
	struct form *array;
	size_t nr;
	uint16_t *numbers; /* by a form's hash: its number + 1, or 0 */
};

enum { FORMS_FAN = 256 };

/* A form's entry has FORMS_IS_FORM, the instruction's length (forms_length()), what it is
 * to the bitmaps (forms_note()) and the form's number. The number is FORMS_NONE for an
 * instruction that is not remembered.
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

/* Which bitmaps of struct code_section the instructions of a form are in. */
enum form_note {
	FORM_PLAIN = 0, /* in none of them */
	FORM_END,  /* control does not go on behind it, or its target is not in its bytes
		    */
	FORM_LOOK, /* may have an address: the instruction itself says */
	FORM_BRANCH, /* a direct branch or call */
};

static inline enum form_note forms_note(uint32_t entry)
{
	return entry >> FORMS_NOTE_SHIFT & 3;
}

/* Returns 0 or -ENOMEM. */
int forms_open(struct forms *ret);
void forms_close(struct forms *forms);

/* The entry of the instruction that @bytes begin with. 0: its form has not been seen yet,
 * or the instruction is longer than @nr_bytes.
 */
uint32_t forms_find(const struct forms *forms, const unsigned char *bytes,
		    size_t nr_bytes);

/* forms_add - remembers @form, which the instruction that @bytes begin with has
 * Returns its entry. That has FORMS_NONE if the form is not regular, or if too many are
 * remembered.
 */
uint32_t forms_add(struct forms *forms, const unsigned char *bytes,
		   const struct form_key *key, const struct form *form);

/* NULL: the entry has FORMS_NONE. */
static inline const struct form *forms_get(const struct forms *forms, uint32_t entry)
{
	return (entry & FORMS_NONE) == FORMS_NONE ? NULL
						  : &forms->array[entry & FORMS_NONE];
}

#endif
