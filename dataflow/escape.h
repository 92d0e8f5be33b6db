/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the address of an object get away?
 *
 * The address is followed from the instruction that has it, through registers and stack
 * slots. Most go nowhere of interest. The function then need not be interpreted for it.
 */
#ifndef KWCHECK_DATAFLOW_ESCAPE_H
#define KWCHECK_DATAFLOW_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "insn/code.h"
#include "dataflow/classify.h"

/* What the object is, and what counts as getting away. */
enum escape_kind {
	ESCAPE_CONSTANT = 0,
	ESCAPE_WRITABLE = 1 << 0, /* the object: stores there are of no interest */
	ESCAPE_EXACT =
		1 << 1, /* the module's own functions and memory are followed later */
	ESCAPE_STACK = 1 << 2, /* the object is the stack itself */
	/* The object may be sealed and the kernel's. Its address must not be kept, nor be
	 * given to a function that may write there.
	 */
	ESCAPE_SEALED = 1 << 3,
};

/* address_escapes - may more be done with the address that @site has than that functions
 * read there, that it is compared and that it is put into memory?
 *
 * Mostly it is the address of a string or of an operations table. With ESCAPE_WRITABLE
 * only what is read there matters. *@is_planted is set if the address goes to memory. An
 * address that goes to the stack is followed in its slot, but not if the slot is reached
 * by the stack's address. true, too, if the paths are too many to follow.
 */
bool address_escapes(const struct classifier *classifier, const struct code_site *site,
		     enum escape_kind kind, bool *is_planted);

/* address_joins_unknown - is what the destination of @site held before no constant?
 * The instructions before it say so, as far back as control comes from them alone.
 */
bool address_joins_unknown(const struct code_site *site);

#endif
