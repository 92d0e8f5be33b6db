/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the addresses and calls of single instructions can lead to: where something
 * special may come from, without any of the code being interpreted.
 */
#ifndef KWCHECK_DATAFLOW_CLASSIFY_H
#define KWCHECK_DATAFLOW_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "dataflow/input.h"

struct callee;

/* What a direct call or jump does. */
enum classify_call {
	CLASSIFY_UNKNOWN = 0, /* not looked at yet */
	CLASSIFY_PLAIN,
	CLASSIFY_NO_RETURN,
	CLASSIFY_SPECIAL, /* does more than its arguments show */
};

/* What an address that instructions have can lead to. */
enum classify_address {
	CLASSIFY_ADDRESS_PLAIN = 0,
	CLASSIFY_ADDRESS_VARIABLE, /* of the module's own, writable at some time */
	CLASSIFY_ADDRESS_CONSTANT, /* of the module's own, sealed */
	/* Sealed memory that is not the module's, page tables, the switch of sealing. */
	CLASSIFY_ADDRESS_SPECIAL,
};

enum { CLASSIFY_NO_THUNK = 0xff, CLASSIFY_RETURN_THUNK = 0xfe };

/* What a symbol's name says of a call of it. */
struct classify_symbol {
	const struct callee *callee; /* NULL: the module's own, or nothing is known */
	uint8_t call;		     /* enum classify_call */
	uint8_t thunk; /* the register that an indirect one jumps to, or one of those */
	bool is_allocator;
};

struct classifier {
	const struct input *input;
	struct classify_symbol *symbols; /* by number; names are compared once */
	/* Bit n: section n (modulo 64) is built with something special in it; a constant
	 * section, with any address.
	 */
	uint64_t special_sections;
};

/* classify_open - for the module of @input, which is borrowed. Returns 0 or -ENOMEM. */
int classify_open(struct classifier *ret, const struct input *input);
void classify_close(struct classifier *classifier);

/* Is @va the switch of sealing, or in the root of the page tables? */
bool classify_is_landmark(const struct input *input, uint64_t va);

/* What @va, which an instruction or a variable holds, can lead to. */
enum classify_address classify_address(const struct classifier *classifier, uint64_t va);

/* The bit of the section that @va lies in. */
uint64_t classify_section_bit(const struct classifier *classifier, uint64_t va);

/* Of symbol @number of the module; 0, which is none, is CLASSIFY_PLAIN. */
const struct classify_symbol *classify_symbol(const struct classifier *classifier,
					      uint32_t number);

/* Is @insn, a call or jump, relocated or not, CLASSIFY_SPECIAL? */
bool classify_is_special_call(const struct classifier *classifier,
			      const struct insn *insn);

#endif
