/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the addresses and calls of single instructions can lead to: where something
 * special may come from, without any of the code being interpreted.
 */
#ifndef KWCHECK_DATAFLOW_CLASSIFY_H
#define KWCHECK_DATAFLOW_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

struct callee;
struct flow;
struct insn;

/* What a direct call or jump does. */
enum finder_call {
	FINDER_UNKNOWN = 0, /* not looked at yet */
	FINDER_PLAIN,
	FINDER_NO_RETURN,
	FINDER_SPECIAL, /* more than its arguments' business */
};

/* What an address that instructions have can lead to. */
enum finder_address {
	FINDER_ADDRESS_PLAIN = 0,
	FINDER_ADDRESS_VARIABLE, /* of the module's own, writable at some time */
	FINDER_ADDRESS_CONSTANT, /* of the module's own, sealed */
	/* Sealed, and another's; page tables; the switch of sealing. */
	FINDER_ADDRESS_SPECIAL,
};

enum { FINDER_NO_THUNK = 0xff, FINDER_RETURN_THUNK = 0xfe };

/* What a symbol's name says of a call of it. */
struct finder_symbol {
	const struct callee *callee; /* NULL: the module's own, or nothing is known */
	uint8_t call;		     /* enum finder_call */
	uint8_t thunk; /* the register that an indirect one jumps to, or one of those */
	bool is_allocator;
};

struct finder {
	struct flow *flow;
	struct finder_symbol *symbols; /* by number; names are compared once */
	/* Bit n: section n (modulo 64) is built with something special in it; a constant
	 * one, with any address.
	 */
	uint64_t hot_sections;
};

/* finder_open - for the module of @flow, which is borrowed. Returns 0 or -ENOMEM. */
int finder_open(struct finder *ret, struct flow *flow);
void finder_close(struct finder *finder);

/* The switch of sealing, or the root of the page tables. */
bool finder_is_landmark(const struct flow *flow, uint64_t va);
enum finder_address finder_classify(const struct finder *finder, uint64_t va);

/* The bit of the section that @va lies in. */
uint64_t finder_section_bit(const struct finder *finder, uint64_t va);

/* Of symbol @number of the module; 0, which is none, is FINDER_PLAIN. */
const struct finder_symbol *finder_symbol(const struct finder *finder, uint32_t number);

/* A call or jump, relocated or not, that is FINDER_SPECIAL. */
bool finder_is_special_call(const struct finder *finder, const struct insn *insn);

#endif
