/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kCFI: an indirect call is made only if the target's type hash is the caller's. */
#ifndef KWCHECK_MODULE_KCFI_H
#define KWCHECK_MODULE_KCFI_H

#include "kcore/kernel.h"
#include "module/kofile.h"

/* How many indirect calls of the module compare hashes first; a trap stands for each. */
uint64_t kcfi_nr_calls(const struct kofile *file);

/* Has the kernel replaced the compiler's hashes by others, as it does in each module that
 * it loads? (arch/x86/kernel/alternative.c:cfi_rand_callers(), with CONFIG_FINEIBT.)
 */
bool kcfi_is_rehashed(struct kernel *kernel);

#endif
