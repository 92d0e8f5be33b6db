/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kCFI: an indirect call is made only if the target's type hash is the caller's. */
#ifndef KWCHECK_MODULE_KCFI_H
#define KWCHECK_MODULE_KCFI_H

#include "kcore/kernel.h"
#include "module/kofile.h"

/* How many indirect calls of the module compare hashes first; a trap stands for each. */
uint64_t kcfi_nr_calls(const struct kofile *file);

/* What the kernel replaces the compiler's hashes by others with, in itself and in each
 * module that it loads; 0: it does not.
 * arch/x86/kernel/alternative.c:cfi_rand_callers(), with CONFIG_FINEIBT.
 */
uint32_t kcfi_seed(struct kernel *kernel);

/* The hash that it puts there. arch/x86/kernel/alternative.c:cfi_rehash() */
uint32_t kcfi_rehash(uint32_t hash, uint32_t seed);

#endif
