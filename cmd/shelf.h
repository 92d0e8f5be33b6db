/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room for more open files than a process may have: their bytes, in one file. */
#ifndef KWCHECK_CMD_SHELF_H
#define KWCHECK_CMD_SHELF_H

#include <stddef.h>

#include "kcore/error.h"
#include "module/kofile.h"

struct shelf {
	int fd; /* -1: every file keeps a descriptor of its own */
};

/* shelf_open - for @nr module files at once, a tree has thousands
 * Raises the limit of open files. Where that is not allowed, a file without a name is
 * made, which takes the bytes of all. Returns 0, or -errno with @err filled.
 */
int shelf_open(struct shelf *ret, size_t nr, struct error *err);

/* shelf_put - a file that was just opened; nothing is parsed
 * Its descriptor is closed if the shelf takes it; @file then lives no longer than the
 * shelf.
 */
int shelf_put(struct shelf *shelf, struct kofile *file, struct error *err);

void shelf_close(struct shelf *shelf);

#endif
