/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel uses frames of RAM for, as their struct page says. */
#ifndef KWCHECK_KCORE_PAGEFRAME_H
#define KWCHECK_KCORE_PAGEFRAME_H

#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"

enum pageframe_use {
	PAGEFRAME_OTHER = 0, /* the kernel's own, or not known */
	PAGEFRAME_FREE,	     /* in the buddy allocator */
	PAGEFRAME_LRU,	     /* of a process or of a file */
};

/* The frames that one pageframes_read() tells about. */
enum { PAGEFRAME_BATCH = 64, PAGEFRAME_MAX_BYTES = 128 };

struct pageframes {
	struct kernel *kernel;	       /* borrowed */
	uint64_t vmemmap;	       /* struct page of frame 0 */
	size_t page_bytes;	       /* of a struct page */
	size_t flags, mapcount, order; /* offsets in it */
	uint64_t lru;		       /* mask of flags */
	uint32_t buddy_mask, buddy;    /* of mapcount */
	uint64_t free_end;	       /* of the free block that the last frame lay in */
};

/* pageframes_open - from VMCOREINFO and vmemmap_base
 * -ENOENT: the kernel does not say enough.
 */
int pageframes_open(struct pageframes *ret, struct kernel *kernel);

/* pageframes_read - the uses of @nr frames (PAGEFRAME_BATCH at most) from @pa up
 * Of a free block only its first frame says so: ask in ascending order.
 */
void pageframes_read(struct pageframes *frames, uint64_t pa, size_t nr,
		     enum pageframe_use ret[]);

#endif
