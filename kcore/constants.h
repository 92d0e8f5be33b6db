/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The constants of the kernel's image, found by its page tables, without names. */
#ifndef KWCHECK_KCORE_CONSTANTS_H
#define KWCHECK_KCORE_CONSTANTS_H

#include "kcore/kernel.h"

/* A piece of the image that can be neither written nor executed; what of it cannot be
 * read is zeros.
 */
struct constants {
	uint64_t va, size_bytes;
	unsigned char *bytes;
};

/* constants_next - the next piece, in the place of the one before
 * @piece: all zero for the first. Returns 0; -ENOENT: there is none; or -errno. Either
 * way it is closed by constants_close().
 */
int constants_next(struct constants *piece, struct kernel *kernel);
void constants_close(struct constants *piece);

#endif
