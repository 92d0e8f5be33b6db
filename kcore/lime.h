/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of LiME, of its form "lime". */
#ifndef KWCHECK_KCORE_LIME_H
#define KWCHECK_KCORE_LIME_H

#include "kcore/elfcore.h"

/* The header before each range of memory: LiME's doc/README, "LiME File Format". Little
 * endian. AVML's is the same with another magic number.
 */
struct lime_header {
	uint32_t magic, version;
	uint64_t first, last; /* byte, the last one included */
	uint64_t reserved;
};
enum { LIME_HEADER_BYTES = 32, LIME_MAX_RANGES = 65536 };

/* lime_open - the dump at @fd, which stays the caller's and must outlive @ret
 * What the file's end cuts off is missing, and @ret->is_cut. Returns 0, or -errno with
 * @err filled.
 */
int lime_open(struct elfcore *ret, int fd, const char *path, struct error *err);

#endif
