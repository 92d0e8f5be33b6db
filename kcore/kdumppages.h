/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kdump-compressed dump has each of its pages, and whether that can be.
 *
 * libkdumpfile believes what bitmap and descriptors say, and gives zeros for what the end
 * of the file cuts off a page that is not compressed.
 */
#ifndef KWCHECK_KCORE_KDUMPPAGES_H
#define KWCHECK_KCORE_KDUMPPAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KDUMPPAGES_BLOCK_BYTES = 4096 };

/* One file: of a split dump there are several. */
struct kdumppages {
	int fd; /* borrowed */
	uint64_t file_bytes;
	bool is_cut;		       /* the file ends before its pages do */
	uint64_t first, end;	       /* the frames that it is about */
	uint64_t bitmap, bitmap_bytes; /* of the frames that the file has */
	uint64_t descriptors, nr;      /* those of frames from @first to @end */
	uint64_t data;		       /* where the pages' bytes begin */
	uint64_t *nr_before; /* frames in the bitmap before each of its blocks */
	unsigned char block[KDUMPPAGES_BLOCK_BYTES];
	uint64_t block_at; /* of the bitmap's blocks, + 1; 0: none is in @block */
};

/* kdumppages_open - of the file at @fd, whose headers were checked
 * Returns 0, -ENOMEM, -ENODATA: it ends inside of its bitmaps; or -EINVAL: the bitmaps
 * do not fit one another or the descriptors.
 */
int kdumppages_open(struct kdumppages *ret, int fd);
void kdumppages_close(struct kdumppages *pages);

/* kdumppages_check - can frame @pfn, which the file has, be read?
 * -ENODATA: the file ends before. -EIO: its descriptor does not fit those beside it.
 * -ENOENT: it is none of this file's.
 */
int kdumppages_check(struct kdumppages *pages, uint64_t pfn);

#endif
