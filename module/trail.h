/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the address of an object of the module's own goes, register by register: most go
 * nowhere of interest, and the function that has them need not be interpreted.
 */
#ifndef KWCHECK_MODULE_TRAIL_H
#define KWCHECK_MODULE_TRAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "module/code.h"
#include "module/finder.h"

enum trail_kind {
	TRAIL_CONSTANT = 0,
	TRAIL_WRITABLE = 1 << 0, /* the object: stores there are of no interest */
	TRAIL_EXACT = 1 << 1,	 /* calls of the module's own and memory are followed */
};

/* trail_is_harmless - the address that instruction @i has: is it only handed to functions
 * that read there, compared and put into memory other than the stack?
 *
 * A string, or an operations table, mostly. With TRAIL_WRITABLE only what is read there
 * matters. *@is_planted is set where it goes to memory. false, too, where the paths are
 * too many to follow.
 */
bool trail_is_harmless(const struct finder *finder, const struct code_section *section,
		       size_t i, enum trail_kind kind, bool *is_planted);

#endif
