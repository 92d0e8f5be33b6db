/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where else frames are mapped. Those that will be asked about are told first; then one
 * sweep of the kernel half meets all their mappings. What is kept are those alone, so
 * that it does not grow with the machine.
 */
#ifndef KWCHECK_KCORE_ALIASES_H
#define KWCHECK_KCORE_ALIASES_H

#include "kcore/kernel.h"

struct alias {
	uint64_t va;	     /* of the first byte asked about that is mapped there */
	uint64_t size_bytes; /* of the bytes asked about */
	enum pt_verdict verdict;
};

/* Starts as zeros. The arrays' elements are aliases.c's. */
struct aliases {
	struct aliases_frames *frames; /* that are asked about */
	size_t nr_frames, frames_room;
	struct aliases_seen *seen; /* where the sweep met them */
	size_t nr_seen, seen_room;
	size_t nr_below[PT_PUD + 2]; /* of them, how many are of lower levels */
	size_t nr_tables;	     /* visited by the last sweep */
	bool is_complete;	     /* no table was unreadable or kept changing */
	bool is_swept;		     /* since the last frame was told */
};

/* aliases_expect - tells frames that will be asked about
 * Returns 0 or -ENOMEM.
 */
int aliases_expect(struct aliases *aliases, uint64_t pa, uint64_t size_bytes);

/* aliases_find - the mappings of [@pa, @pa + @size_bytes) other than the one at @va
 *
 * The first call sweeps, and a call for frames that were not expected does so again. A
 * table that is reached over and over with the same inherited rights (espfix) is visited
 * once: of its clones only the first is found. Neighbouring pages with one verdict are
 * one alias. Each is walked again, so that what is said of it is not older than the
 * answer beside it.
 * @ret: heap array of @ret_nr; the caller frees it. Returns 0 or -ENOMEM.
 */
int aliases_find(struct aliases *aliases, struct kernel *kernel, uint64_t pa,
		 uint64_t size_bytes, uint64_t va, struct alias **ret, size_t *ret_nr);

void aliases_close(struct aliases *aliases);

#endif
