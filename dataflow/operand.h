/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operands of instructions hold: constants, addresses, memory. */
#ifndef KWCHECK_DATAFLOW_OPERAND_H
#define KWCHECK_DATAFLOW_OPERAND_H

#include "dataflow/blocks.h"

/* A constant as a value, with what is known of it as an address. */
struct value operand_constant(const struct input *input, uint64_t n, bool is_relocated);

/* The address of the memory operand. */
struct value operand_address(struct activation *activation, const struct state *state,
			     const struct insn *insn);

/* What @bytes at @address hold. */
struct value operand_load(struct activation *activation, const struct state *state,
			  struct value address, unsigned bytes);

/* The value of operand @which: a register, the immediate or the memory operand. */
struct value operand_value(struct activation *activation, struct state *state,
			   const struct insn *insn, uint8_t which, unsigned bytes);

/* Is @address that of a page-table entry? */
bool operand_is_entry_address(const struct input *input, struct value address);

/* What the MSR of that number holds. false: not known. */
bool operand_msr(const struct input *input, struct value number, uint64_t *ret);

#endif
