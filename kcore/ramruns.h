/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames a file has, and where in it: its segments, sorted and without overlap. */
#ifndef KWCHECK_KCORE_RAMRUNS_H
#define KWCHECK_KCORE_RAMRUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elfcore_segment;

struct ramrun {
	uint64_t pa, size_bytes;
	uint64_t offset;
};

struct ramruns {
	struct ramrun *array; /* ascending */
	size_t nr;
};

/* ramruns_build - the runs of those segments that have bytes and say where
 * Neighbours in memory and in the file are one run. Returns 0 or -ENOMEM.
 */
int ramruns_build(struct ramruns *ret, const struct elfcore_segment *segments, size_t nr);
void ramruns_free(struct ramruns *runs);

/* The run that holds @pa, or NULL. */
const struct ramrun *ramruns_find(const struct ramruns *runs, uint64_t pa);

/* ramruns_is_repeated - do segments, the kernel image's aside, have one frame twice?
 * So they do where a dump has a segment for each mapping: QEMU's dump-guest-memory -p.
 */
bool ramruns_is_repeated(const struct ramruns *runs,
			 const struct elfcore_segment *segments, size_t nr);

/* ramruns_conflict - do two segments claim the same bytes of the file for different
 * frames, or the same frame with different bytes? The kernel image's frames may be there
 * twice: /proc/vmcore has them so. Returns 1, 0 or -ENOMEM.
 */
int ramruns_conflict(const struct elfcore_segment *segments, size_t nr);

#endif
