/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the addresses and calls of single instructions can lead to: where something
 * special may come from, without any of the code being interpreted.
 */
#ifndef KWCHECK_MODULE_FINDER_H
#define KWCHECK_MODULE_FINDER_H

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

struct finder {
	struct flow *flow;
	uint8_t *callees; /* by symbol: enum finder_call; names are compared once */
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

/* What a relocated direct call or jump goes to: its name, and what is known of it if it
 * is not the module's own (or NULL).
 */
const struct callee *finder_callee(const struct finder *finder, const struct insn *insn,
				   const char **name);
enum finder_call finder_call_class(const struct finder *finder, const struct insn *insn);

/* A call or jump, relocated or not, that is FINDER_SPECIAL. */
bool finder_is_special_call(const struct finder *finder, const struct insn *insn);

#endif
