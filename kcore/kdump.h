/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps in kdump's compressed form, through libkdumpfile: zlib, LZO, snappy, zstd. */
#ifndef KWCHECK_KCORE_KDUMP_H
#define KWCHECK_KCORE_KDUMP_H

#include "kcore/elfcore.h"

/* "libkdumpfile 0.5.1", or why there is none and what to do. */
const char *kdump_library(void);

/* kdump_load - gets the library, while files can be opened
 * Returns NULL, or why there is none and what to do, as "needs ...".
 */
const char *kdump_load(void);

/* kdump_open - the dump at the @nr descriptors of @fds, more than one for a split dump
 * They stay the caller's and must outlive @ret. What was left out of it is missing, and
 * so is what the end of a file cuts off. Returns 0, or -errno with @err filled. -ENOTSUP:
 * kdump_load() found no library.
 */
int kdump_open(struct elfcore *ret, const int *fds, unsigned nr, const char *path,
	       struct error *err);

#endif
