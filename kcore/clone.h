/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that compilers make of a function's or an object's name. */
#ifndef KWCHECK_KCORE_CLONE_H
#define KWCHECK_KCORE_CLONE_H

#include "kcore/symbols.h"

/* clone_each - every symbol that a compiler made of @name
 * @module: as symbols_find() has it.
 */
void clone_each(struct symbols *symbols, const char *name, const char *module,
		symbols_fn fn, void *ctx);

#endif
