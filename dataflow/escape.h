/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the address of an object of the module's own goes, register by register: most go
 * nowhere of interest, and the function that has them need not be interpreted.
 */
#ifndef KWCHECK_DATAFLOW_ESCAPE_H
#define KWCHECK_DATAFLOW_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "insn/code.h"
#include "dataflow/classify.h"

enum trail_kind {
	TRAIL_CONSTANT = 0,
	TRAIL_WRITABLE = 1 << 0, /* the object: stores there are of no interest */
	TRAIL_EXACT = 1 << 1,	 /* calls of the module's own and memory are followed */
	TRAIL_STACK = 1 << 2,	 /* the object is the stack itself */
	/* The object may be sealed and the kernel's: not to be kept, nor given to those
	 * who may write there.
	 */
	TRAIL_SEALED = 1 << 3,
};

/* trail_is_harmless - the address that the instruction has: is it only handed to
 * functions that read there, compared and put into memory?
 *
 * A string, or an operations table, mostly. With TRAIL_WRITABLE only what is read there
 * matters. *@is_planted is set where it goes to memory: what goes to the stack is
 * followed by its place there, but not by the stack's address. false, too, where the
 * paths are too many to follow.
 */
bool trail_is_harmless(const struct classifier *classifier, const struct code_site *site,
		       enum trail_kind kind, bool *is_planted);

/* trail_begins_unknown - is what the instruction's destination holds before it no
 * constant? Seen from the instructions before it, as far as nothing else leads between.
 */
bool trail_begins_unknown(const struct code_site *site);

#endif
