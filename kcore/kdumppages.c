/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kdump-compressed dump has each of its pages: makedumpfile's diskdump_mod.h and
 * QEMU's dump.h have the same layout. Header, sub header, two bitmaps (frames that there
 * were, frames that are in the file), a descriptor for each of these, and their bytes,
 * one after another; all pages of zeros share the first bytes.
 */
#include "kcore/kdumppages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/loss.h"
#include "kcore/pagecache.h"

/* Where in the header, and in the sub header, which is the second block. */
enum {
	VERSION_AT = 8,
	SUB_BLOCKS_AT = 432,
	BITMAP_BLOCKS_AT = 436,
	SPLIT_AT = PAGE_BYTES + 12,
	FIRST_FRAME_32_AT = PAGE_BYTES +
			    16, /* the whole, up to version 5 of the header */
	END_FRAME_32_AT = PAGE_BYTES + 24,
	FIRST_FRAME_AT = PAGE_BYTES + 80,
	END_FRAME_AT = PAGE_BYTES + 88,
	VERSION_WITH_SPLIT = 2,
	VERSION_WITH_FRAMES = 6,
	FRAMES_PER_BLOCK = KDUMPPAGES_BLOCK_BYTES * 8,
	/* How far one looks for a neighbour that is no page of zeros. */
	NEAR = 32,
};

struct descriptor {
	uint64_t offset;
	uint32_t size_bytes, flags; /* 0: as it was */
	uint64_t page_flags;
};

static int read_number(int fd, uint64_t at, void *ret, size_t size_bytes)
{
	return loss_pread_all(fd, ret, size_bytes, at) ? 0 : -ENODATA;
}

/* What frames the file is about, and where its bitmaps are. */
static int read_header(struct kdumppages *pages)
{
	uint32_t version, sub_blocks, bitmap_blocks, is_split = 0;
	int r = read_number(pages->fd, VERSION_AT, &version, 4);

	if (r == 0)
		r = read_number(pages->fd, SUB_BLOCKS_AT, &sub_blocks, 4);
	if (r == 0)
		r = read_number(pages->fd, BITMAP_BLOCKS_AT, &bitmap_blocks, 4);
	if (r == 0 && version >= VERSION_WITH_SPLIT)
		r = read_number(pages->fd, SPLIT_AT, &is_split, 4);
	if (r == 0 && is_split)
		r = read_number(pages->fd,
				version >= VERSION_WITH_FRAMES ? FIRST_FRAME_AT
							       : FIRST_FRAME_32_AT,
				&pages->first, 8);
	if (r == 0 && is_split)
		r = read_number(pages->fd,
				version >= VERSION_WITH_FRAMES ? END_FRAME_AT
							       : END_FRAME_32_AT,
				&pages->end, 8);
	if (r < 0)
		return r;
	pages->bitmap_bytes = (uint64_t)bitmap_blocks * PAGE_BYTES / 2;
	pages->bitmap = ((uint64_t)1 + sub_blocks) * PAGE_BYTES + pages->bitmap_bytes;
	pages->descriptors = pages->bitmap + pages->bitmap_bytes;
	if (!is_split || pages->end > pages->bitmap_bytes * 8)
		pages->end = pages->bitmap_bytes * 8;
	return pages->first <= pages->end ? 0 : -EINVAL;
}

/* The bits of frames from @first to @end, of a block that starts with frame @frame. */
static uint64_t count(const unsigned char *block, uint64_t frame, uint64_t first,
		      uint64_t end)
{
	uint64_t nr = 0;

	first = first > frame ? first - frame : 0;
	end = end > frame ? end - frame : 0;
	if (end > FRAMES_PER_BLOCK)
		end = FRAMES_PER_BLOCK;
	while (first < end) {
		unsigned char byte = block[first / 8];

		if (first % 8 == 0 && end - first >= 8) {
			nr += (uint64_t)__builtin_popcount(byte);
			first += 8;
		} else {
			nr += byte >> (first % 8) & 1;
			first++;
		}
	}
	return nr;
}

static uint64_t nr_blocks(const struct kdumppages *pages)
{
	return (pages->bitmap_bytes + KDUMPPAGES_BLOCK_BYTES - 1) /
	       KDUMPPAGES_BLOCK_BYTES;
}

static int load_block(struct kdumppages *pages, uint64_t i)
{
	uint64_t at = i * KDUMPPAGES_BLOCK_BYTES, n = pages->bitmap_bytes - at;

	if (pages->block_at == i + 1)
		return 0;
	if (n > KDUMPPAGES_BLOCK_BYTES)
		n = KDUMPPAGES_BLOCK_BYTES;
	pages->block_at = 0;
	memset(pages->block, 0, sizeof(pages->block));
	if (!loss_pread_all(pages->fd, pages->block, n, pages->bitmap + at))
		return -ENODATA;
	pages->block_at = i + 1;
	return 0;
}

/* Counts the second bitmap. A frame that is in the file and was not there is damage. */
static int count_blocks(struct kdumppages *pages)
{
	uint64_t nr_all = 0;
	unsigned char there[KDUMPPAGES_BLOCK_BYTES];

	pages->nr_before = calloc(nr_blocks(pages) + 1, sizeof(*pages->nr_before));
	if (!pages->nr_before)
		return -ENOMEM;
	for (uint64_t i = 0; i < nr_blocks(pages); i++) {
		uint64_t at = i * sizeof(there), n = pages->bitmap_bytes - at;
		int r = load_block(pages, i);

		if (r < 0 || !loss_pread_all(pages->fd, there,
					     n < sizeof(there) ? n : sizeof(there),
					     pages->bitmap - pages->bitmap_bytes + at))
			return -ENODATA;
		for (size_t j = 0; j < sizeof(there) && j < n; j++)
			if (pages->block[j] & ~there[j])
				return -EINVAL;
		pages->nr_before[i] = pages->nr;
		nr_all += count(pages->block, 0, 0, FRAMES_PER_BLOCK);
		pages->nr += count(pages->block, i * FRAMES_PER_BLOCK, pages->first,
				   pages->end);
	}
	/* A part of a split dump has room for the whole dump's. */
	pages->data = pages->descriptors + nr_all * sizeof(struct descriptor);
	return 0;
}

/* Descriptors from @first on, at most @nr. Returns how many the file has. */
static size_t read_descriptors(const struct kdumppages *pages, uint64_t first,
			       struct descriptor *ret, size_t nr)
{
	ssize_t n;

	if (nr > pages->nr - first)
		nr = (size_t)(pages->nr - first);
	if (pages->descriptors > INT64_MAX - (first + nr) * sizeof(*ret))
		return 0;
	n = loss_pread(pages->fd, ret, nr * sizeof(*ret),
		       (off_t)(pages->descriptors + first * sizeof(*ret)));
	return n < 0 ? 0 : (size_t)n / sizeof(*ret);
}

static uint64_t end_of(const struct descriptor *descriptor)
{
	return descriptor->offset > INT64_MAX
		       ? UINT64_MAX
		       : descriptor->offset + descriptor->size_bytes;
}

/* Bits that were lost or came leave room between descriptors and bytes, or none: the
 * first page's bytes are the first, or follow those that pages of zeros share.
 */
static int check_count(const struct kdumppages *pages)
{
	struct descriptor some[NEAR * 8];
	size_t nr = pages->nr ? read_descriptors(pages, 0, some, 1) : 0;
	uint64_t first = nr ? some[0].offset : pages->data;

	if (first == pages->data)
		return 0;
	for (uint64_t i = 0; first > pages->data && i < pages->nr; i += nr) {
		nr = read_descriptors(pages, i, some, NEAR * 8);
		if (nr == 0)
			return 0;
		for (size_t j = 0; j < nr; j++)
			if (some[j].offset < first)
				return some[j].offset == pages->data &&
						       end_of(&some[j]) == first
					       ? 0
					       : -EINVAL;
	}
	return -EINVAL;
}

/* Does the file end before the last pages do? Where the disk was full it has no
 * descriptors for them.
 */
static bool is_cut(const struct kdumppages *pages)
{
	struct descriptor last[NEAR];
	uint64_t first = pages->nr > NEAR ? pages->nr - NEAR : 0;
	size_t nr = read_descriptors(pages, first, last, NEAR);

	for (size_t i = 0; i < nr; i++)
		if (last[i].size_bytes == 0 || end_of(&last[i]) > pages->file_bytes)
			return true;
	return nr < pages->nr - first;
}

int kdumppages_open(struct kdumppages *ret, int fd)
{
	struct kdumppages pages = {.fd = fd};
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	pages.file_bytes = (uint64_t)st.st_size;
	r = read_header(&pages);
	if (r == 0)
		r = count_blocks(&pages);
	if (r == 0)
		r = check_count(&pages);
	pages.is_cut = r == 0 && is_cut(&pages);
	if (r < 0)
		kdumppages_close(&pages);
	else
		*ret = pages;
	return r;
}

void kdumppages_close(struct kdumppages *pages)
{
	free(pages->nr_before);
	pages->nr_before = NULL;
}

/* Which of the descriptors is frame @pfn's. */
static int rank_of(struct kdumppages *pages, uint64_t pfn, uint64_t *ret)
{
	uint64_t block = pfn / FRAMES_PER_BLOCK;
	int r;

	if (pfn < pages->first || pfn >= pages->end)
		return -ENOENT;
	r = load_block(pages, block);
	if (r < 0)
		return r;
	*ret = pages->nr_before[block] +
	       count(pages->block, block * FRAMES_PER_BLOCK, pages->first, pfn);
	return *ret < pages->nr ? 0 : -EIO;
}

/* Pages follow one another. One whose bytes neither begin where those before end, nor end
 * where those behind begin, has another page's.
 * @shared: where the bytes are that pages of zeros share.
 */
static bool is_between(const struct descriptor *near, size_t nr, size_t i,
		       uint64_t shared)
{
	size_t before = i, behind = i + 1;

	while (before > 0 && near[before - 1].offset == shared)
		before--;
	while (behind < nr && near[behind].offset == shared)
		behind++;
	if (before == 0 && behind == nr)
		return true;
	return (before > 0 && end_of(&near[before - 1]) == near[i].offset) ||
	       (behind < nr && end_of(&near[i]) == near[behind].offset);
}

int kdumppages_check(struct kdumppages *pages, uint64_t pfn)
{
	struct descriptor near[2 * NEAR + 1];
	const struct descriptor *own;
	uint64_t rank, first;
	size_t nr, i;
	int r = rank_of(pages, pfn, &rank);

	if (r < 0)
		return r;
	first = rank > NEAR ? rank - NEAR : 0;
	i = (size_t)(rank - first);
	nr = read_descriptors(pages, first, near, sizeof(near) / sizeof(near[0]));
	if (nr <= i)
		return -ENODATA;
	own = &near[i];
	if (own->size_bytes == 0 && own->offset == 0)
		return -ENODATA;
	if (own->size_bytes == 0 || own->size_bytes > PAGE_BYTES ||
	    (own->flags == 0 && own->size_bytes != PAGE_BYTES) ||
	    own->offset < pages->data)
		return -EIO;
	if (end_of(own) > pages->file_bytes)
		return -ENODATA;
	/* Pages of zeros share the first bytes. */
	if (own->offset == pages->data)
		return 0;
	return is_between(near, nr, i, pages->data) ? 0 : -EIO;
}
