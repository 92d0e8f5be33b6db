/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of the physical pages that one run has read. */
#ifndef KWCHECK_KCORE_PAGECACHE_H
#define KWCHECK_KCORE_PAGECACHE_H

#include "kcore/elfcore.h"

enum { PAGE_BYTES = 4096 };

struct pagecache {
	struct pagecache_slot *slots; /* open addressing, a power of two of them */
	size_t nr_slots, nr_used;
};

/* pagecache_get - a copy of the page at @pa, read on first use
 * @pa: page-aligned.
 * @ret: PAGE_BYTES of it; lives until the next pagecache_get() or pagecache_close().
 * Returns 0, or what elfcore_read_pa() returns; -ENOMEM.
 */
int pagecache_get(struct pagecache *cache, struct elfcore *core, uint64_t pa,
		  const unsigned char **ret);
void pagecache_close(struct pagecache *cache);

#endif
