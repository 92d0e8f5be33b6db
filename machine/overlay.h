/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's memory to write to: what is read comes from the kernel once, what is written
 * stays here. Kept by physical address, so that two mappings of one frame stay one.
 */
#ifndef KWCHECK_MACHINE_OVERLAY_H
#define KWCHECK_MACHINE_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/pagecache.h"
#include "pagetable/walk.h"

/* Pages are fetched in blocks of this many: a read of the core costs time, its bytes
 * little.
 */
enum { OVERLAY_BLOCK_PAGES = 32, OVERLAY_BLOCK_BYTES = OVERLAY_BLOCK_PAGES * PAGE_BYTES };

/* overlay_fetch_fn - reads @size_bytes of the memory at physical address @pa
 * Returns 0, or -errno where some of it is not there.
 */
typedef int (*overlay_fetch_fn)(void *ctx, uint64_t pa, void *buf, size_t size_bytes);

struct overlay {
	overlay_fetch_fn fetch;
	void *ctx;
	struct pagetable pt;  /* the kernel's, read through the overlay */
	unsigned char *arena; /* what the blocks are made of */
	size_t arena_bytes;
	/* The arena as it was fetched, of memory that never changes; NULL: it is not
	 * kept.
	 */
	unsigned char *origin;
	uint8_t *has_code;	      /* of each page of the arena: enum overlay_code */
	struct overlay_block *blocks; /* open addressing, a power of two of them */
	size_t nr_slots, nr_blocks;
	size_t nr_pages, max_pages; /* fetched */
	bool exceeded_pages;	    /* more than max_pages were wanted */
	/* Stores to the block that begins there change nothing; 0: there is none. */
	uint64_t lost_pa;
};

/* Is the frame at @pa one that stores do not change? */
static inline bool overlay_is_lost(const struct overlay *overlay, uint64_t pa)
{
	return overlay->lost_pa && pa >= overlay->lost_pa &&
	       pa - overlay->lost_pa < OVERLAY_BLOCK_BYTES;
}

/* What may have been translated of a page. */
enum overlay_code {
	OVERLAY_NO_CODE = 0,
	OVERLAY_CODE,	   /* it ran, or an instruction that begins before it ends here */
	OVERLAY_CODE_BOTH, /* and the page that follows it is noted, too */
};

/* overlay_open - an overlay of what @fetch reads, with @pt's root and format
 * @max_pages: pages fetched at most. @is_constant: @fetch always reads the same, so that
 * overlay_restore() can do without it. Returns 0 or -ENOMEM.
 */
int overlay_open(struct overlay *ret, overlay_fetch_fn fetch, void *ctx,
		 const struct pagetable *pt, size_t max_pages, bool is_constant);
void overlay_close(struct overlay *overlay);

/* overlay_frame - the bytes of the page that holds @pa, to be read and written in place
 * @ret: the byte at @pa; the rest of its page follows. Returns 0; -EFAULT: the core has
 * no such memory; -EDQUOT: max_pages are reached; -ENOMEM.
 * Frames stay where they are, within the arena.
 */
int overlay_frame(struct overlay *overlay, uint64_t pa, unsigned char **ret);

/* overlay_refresh - reads all blocks anew: what was written is gone
 * @changed: called for a block whose bytes were not the same, with its physical address.
 * Frames stay where they are. Returns 0 or -ENOMEM.
 */
typedef void (*overlay_changed_fn)(void *ctx, uint64_t pa);
int overlay_refresh(struct overlay *overlay, overlay_changed_fn changed, void *ctx);

/* Pages as they were once, by physical address. */
struct overlay_image {
	size_t nr_pages;
	uint64_t *pas;
	unsigned char *bytes;
};

/* Can overlay_take() and overlay_restore() be used? */
bool overlay_has_origin(const struct overlay *overlay);

/* overlay_take - all that was written, to be there again after overlay_restore()
 * @max_pages: more are not taken. @ret: for overlay_image_close(). Returns 0, -ENOSPC or
 * -ENOMEM.
 */
int overlay_take(const struct overlay *overlay, size_t max_pages,
		 struct overlay_image *ret);
void overlay_image_close(struct overlay_image *image);

/* overlay_restore - the memory is what it was when @image was taken; NULL: when nothing
 * had been written yet
 * @changed: called for each page of which code may have been translated and whose bytes
 * are not the same, with its physical address, while it still has the old ones. Frames
 * stay where they are. Returns 0 or -errno.
 */
int overlay_restore(struct overlay *overlay, const struct overlay_image *image,
		    overlay_changed_fn changed, void *ctx);

/* overlay_note_code - code of the frame's @page may be translated
 * @code: OVERLAY_CODE or OVERLAY_CODE_BOTH.
 */
void overlay_note_code(struct overlay *overlay, const unsigned char *page,
		       enum overlay_code code);
enum overlay_code overlay_code(const struct overlay *overlay, const unsigned char *page);

/* Has the core every page of the block that holds @pa? After overlay_frame() of it. */
bool overlay_is_whole(const struct overlay *overlay, uint64_t pa);

/* As pt_walk(), through what was written here. */
void overlay_walk(struct overlay *overlay, uint64_t va, struct pt_walk *ret);

/* overlay_read, overlay_write - bytes at a kernel virtual address, whatever its rights
 * -EFAULT: some byte is not mapped; else as overlay_frame().
 */
int overlay_read(struct overlay *overlay, uint64_t va, void *buf, size_t size_bytes);
int overlay_write(struct overlay *overlay, uint64_t va, const void *buf,
		  size_t size_bytes);

/* overlay_map - makes the tables map the 4 KiB page at @va to the frame at @pa
 * @flags: of the PTE, PT_PRESENT included. @allocate: gives the physical address of a
 * zeroed frame for a table that is missing. Returns 0 or -errno; -EEXIST: something is
 * mapped there with a larger page.
 */
typedef int (*overlay_allocate_fn)(void *ctx, uint64_t *ret_pa);
int overlay_map(struct overlay *overlay, uint64_t va, uint64_t pa, uint64_t flags,
		overlay_allocate_fn allocate, void *ctx);

#endif
