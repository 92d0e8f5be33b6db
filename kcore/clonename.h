/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a name what a compiler made of another one? */
#ifndef KWCHECK_KCORE_CLONENAME_H
#define KWCHECK_KCORE_CLONENAME_H

#include <stdbool.h>

/* kCFI's, of the bytes before a function. */
#define CLONENAME_CFI "__cfi_"

/* clonename_is_of - is @symbol what a compiler made of @name?
 * NAME.llvm.HASH (clang's ThinLTO), NAME.isra.N, .constprop.N, .part.N, .cold (gcc),
 * several of them, and __cfi_NAME (kCFI: the bytes before a function).
 */
bool clonename_is_of(const char *symbol, const char *name);

/* Is it the thing itself by another name, not a part or a variant of it? A static that
 * clang's ThinLTO made visible to other units is.
 */
bool clonename_is_same(const char *symbol, const char *name);

#endif
