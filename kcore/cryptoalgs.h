/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The algorithms that the kernel's crypto layer has. */
#ifndef KWCHECK_KCORE_CRYPTOALGS_H
#define KWCHECK_KCORE_CRYPTOALGS_H

#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"

/* Told of each piece of memory that is read; what it returns below 0 ends the reading. */
typedef int (*cryptoalgs_visit_fn)(void *ctx, uint64_t va, size_t size_bytes);

/* cryptoalgs_find - which of @names are registered? Bit n of @ret: @names[n]
 * One that is not may still be loaded when it is asked for. @names: at most 32. @visit:
 * may be NULL. Returns 0; -ENOENT: the list has no name; -EFAULT: it cannot be read.
 */
int cryptoalgs_find(struct kernel *kernel, const char *const names[], size_t nr,
		    cryptoalgs_visit_fn visit, void *ctx, uint32_t *ret);

#endif
