/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can preflight see what it has to see of this kernel? A module is clean only then. */
#ifndef KWCHECK_PREFLIGHT_SIGHT_H
#define KWCHECK_PREFLIGHT_SIGHT_H

#include "preflight/preflight.h"

/* sight_kernel - what is not known of the kernel, though a clean module rests on it
 * A tiny module that writes to its own constant is judged besides, as any other: that
 * store has to be found. @space: without a module. Returns words that follow "not seen:",
 * or NULL where nothing is missing.
 */
const char *sight_kernel(struct preflight_kept *kept, struct addrspace *space);

/* The same of what this module alone rests on, by the functions that it imports. */
const char *sight_module(const struct addrspace *space, const struct kofile *file);

#endif
