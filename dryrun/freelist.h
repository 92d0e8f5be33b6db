/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free memory that a CPU or a node keeps at hand. */
#ifndef KWCHECK_DRYRUN_FREELIST_H
#define KWCHECK_DRYRUN_FREELIST_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

enum { FREELIST_NR_MEMBERS = 32 };

/* Where the members lie that this is about, in one kernel. Zeroed: not looked up yet. */
struct freelist_layout {
	bool is_known;
	int64_t offsets[FREELIST_NR_MEMBERS]; /* -1: this kernel has no such member */
	uint32_t zone_bytes, pages_bytes;
	uint64_t caches, node_data; /* symbols */
	uint32_t nr_nodes;
};

/* freelist_empty_all - the machine's CPU has no free objects and no free pages at hand
 *
 * In a running kernel these lists change all the time, so that what is read of one now
 * and of another a millisecond later does not fit together. Emptied, the kernel's own
 * code takes whole pages from the zones' lists, which are long and change at their ends.
 * What this kernel does not have is left out. @layout: looked up the first time.
 */
void freelist_empty_all(struct machine *machine, struct freelist_layout *layout);

#endif
