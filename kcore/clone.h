/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that compilers make of a function's or an object's name. */
#ifndef KWCHECK_KCORE_CLONE_H
#define KWCHECK_KCORE_CLONE_H

#include "kcore/symbols.h"

/* clone_is_of - is @symbol what a compiler made of @name?
 * NAME.llvm.HASH (clang's ThinLTO), NAME.isra.N, .constprop.N, .part.N, .cold (gcc),
 * several of them, and __cfi_NAME (kCFI: the bytes before a function).
 */
bool clone_is_of(const char *symbol, const char *name);

/* Is it the thing itself by another name, not a part or a variant of it? A static that
 * clang's ThinLTO made visible to other units is.
 */
bool clone_is_same(const char *symbol, const char *name);

/* clone_each - every symbol that a compiler made of @name
 * @module: as symbols_find() has it.
 */
void clone_each(struct symbols *symbols, const char *name, const char *module,
		symbols_fn fn, void *ctx);

#endif
