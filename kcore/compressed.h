/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expands a zstd-compressed core. */
#ifndef KWCHECK_KCORE_COMPRESSED_H
#define KWCHECK_KCORE_COMPRESSED_H

#include "kcore/error.h"

#include <stdbool.h>

/* Does the file at @fd start with zstd's magic number (RFC 8878 3.1.1)? */
bool compressed_is_zstd(int fd);

/* compressed_expand - all of @from, from its start, to @to
 * At most 8 GiB come out of it. -EINVAL (malformed), -ENODATA (truncated), -EFBIG, or
 * what reading and writing give, with @err filled.
 */
int compressed_expand(int from, int to, const char *path, struct error *err);

#endif
