/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's memory to write to. */
#include "machine/overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/scratch.h"

struct overlay_block {
	uint64_t number;      /* physical address / OVERLAY_BLOCK_BYTES */
	unsigned char *bytes; /* NULL: a free slot */
	uint32_t missing;     /* bit n: the core has no page n */
};

static struct overlay_block *slot_of(struct overlay_block *blocks, size_t nr_slots,
				     uint64_t number)
{
	size_t i = (size_t)(array_hash(number) >> 32) & (nr_slots - 1);

	while (blocks[i].bytes && blocks[i].number != number)
		i = (i + 1) & (nr_slots - 1);
	return &blocks[i];
}

static int grow(struct overlay *overlay)
{
	size_t nr_slots = overlay->nr_slots * 2;
	struct overlay_block *blocks = calloc(nr_slots, sizeof(*blocks));

	if (!blocks)
		return -ENOMEM;
	for (size_t i = 0; i < overlay->nr_slots; i++)
		if (overlay->blocks[i].bytes)
			*slot_of(blocks, nr_slots,
				 overlay->blocks[i].number) = overlay->blocks[i];
	free(overlay->blocks);
	overlay->blocks = blocks;
	overlay->nr_slots = nr_slots;
	return 0;
}

/* Reads the block at once where the core has all of it, else page by page. */
static void fetch_block(struct overlay *overlay, struct overlay_block *block)
{
	uint64_t pa = block->number * OVERLAY_BLOCK_BYTES;
	unsigned char *bytes = overlay->origin
				       ? overlay->origin + (block->bytes - overlay->arena)
				       : block->bytes;
	unsigned nr_there = OVERLAY_BLOCK_PAGES;

	if (overlay->fetch(overlay->ctx, pa, bytes, OVERLAY_BLOCK_BYTES) < 0)
		for (unsigned i = 0; i < OVERLAY_BLOCK_PAGES; i++) {
			unsigned char *page = bytes + i * PAGE_BYTES;

			if (overlay->fetch(overlay->ctx, pa + i * PAGE_BYTES, page,
					   PAGE_BYTES) < 0) {
				block->missing |= 1U << i;
				nr_there--;
			}
		}
	overlay->nr_pages += nr_there;
}

int overlay_frame(struct overlay *overlay, uint64_t pa, unsigned char **ret)
{
	uint64_t number = pa / OVERLAY_BLOCK_BYTES;
	struct overlay_block *block = slot_of(overlay->blocks, overlay->nr_slots, number);
	size_t used_bytes = overlay->nr_blocks * OVERLAY_BLOCK_BYTES;

	if (!block->bytes) {
		if (overlay->nr_pages + OVERLAY_BLOCK_PAGES > overlay->max_pages ||
		    used_bytes == overlay->arena_bytes) {
			overlay->exceeded_pages = true;
			return -EDQUOT;
		}
		if (overlay->nr_blocks * 2 >= overlay->nr_slots) {
			if (grow(overlay) < 0)
				return -ENOMEM;
			block = slot_of(overlay->blocks, overlay->nr_slots, number);
		}
		*block = (struct overlay_block){.number = number,
						.bytes = overlay->arena + used_bytes};
		overlay->nr_blocks++;
		fetch_block(overlay, block);
	}
	if (block->missing >> (pa / PAGE_BYTES % OVERLAY_BLOCK_PAGES) & 1)
		return -EFAULT;
	*ret = block->bytes + pa % OVERLAY_BLOCK_BYTES;
	return 0;
}

int overlay_refresh(struct overlay *overlay, overlay_changed_fn changed, void *ctx)
{
	unsigned char *old = malloc(OVERLAY_BLOCK_BYTES);

	if (!old)
		return -ENOMEM;
	overlay->nr_pages = 0;
	overlay->exceeded_pages = false;
	for (size_t i = 0; i < overlay->nr_slots; i++) {
		struct overlay_block *block = &overlay->blocks[i];

		if (!block->bytes)
			continue;
		memcpy(old, block->bytes, OVERLAY_BLOCK_BYTES);
		block->missing = 0;
		fetch_block(overlay, block);
		if (memcmp(old, block->bytes, OVERLAY_BLOCK_BYTES) != 0)
			changed(ctx, block->number * OVERLAY_BLOCK_BYTES);
	}
	free(old);
	return 0;
}

bool overlay_has_origin(const struct overlay *overlay)
{
	return overlay->origin;
}

static size_t page_number(const struct overlay *overlay, const unsigned char *page)
{
	return (size_t)(page - overlay->arena) / PAGE_BYTES;
}

void overlay_note_code(struct overlay *overlay, const unsigned char *page,
		       enum overlay_code code)
{
	uint8_t *has_code = &overlay->has_code[page_number(overlay, page)];

	if (*has_code < code)
		*has_code = (uint8_t)code;
}

enum overlay_code overlay_code(const struct overlay *overlay, const unsigned char *page)
{
	return overlay->has_code[page_number(overlay, page)];
}

static bool has_changed(const struct overlay *overlay, size_t page)
{
	return memcmp(overlay->arena + page * PAGE_BYTES,
		      overlay->origin + page * PAGE_BYTES, PAGE_BYTES) != 0;
}

static int add_page(struct overlay_image *image, size_t *room, uint64_t pa,
		    const unsigned char *bytes)
{
	size_t more = *room * 2 + 64;

	if (image->nr_pages == *room) {
		uint64_t *pas = reallocarray(image->pas, more, sizeof(*pas));
		unsigned char *all;

		if (!pas)
			return -ENOMEM;
		image->pas = pas;
		all = reallocarray(image->bytes, more, PAGE_BYTES);
		if (!all)
			return -ENOMEM;
		image->bytes = all;
		*room = more;
	}
	memcpy(image->bytes + image->nr_pages * PAGE_BYTES, bytes, PAGE_BYTES);
	image->pas[image->nr_pages++] = pa;
	return 0;
}

int overlay_take(const struct overlay *overlay, size_t max_pages,
		 struct overlay_image *ret)
{
	struct overlay_image image = {0};
	size_t room = 0;
	int r = 0;

	for (size_t i = 0; i < overlay->nr_slots && r == 0; i++) {
		const struct overlay_block *block = &overlay->blocks[i];
		size_t first;

		if (!block->bytes)
			continue;
		first = page_number(overlay, block->bytes);
		for (size_t j = 0; j < OVERLAY_BLOCK_PAGES && r == 0; j++) {
			if (!has_changed(overlay, first + j))
				continue;
			r = image.nr_pages == max_pages
				    ? -ENOSPC
				    : add_page(&image, &room,
					       block->number * OVERLAY_BLOCK_BYTES +
						       j * PAGE_BYTES,
					       block->bytes + j * PAGE_BYTES);
		}
	}
	if (r < 0)
		overlay_image_close(&image);
	else
		*ret = image;
	return r;
}

void overlay_image_close(struct overlay_image *image)
{
	free(image->pas);
	free(image->bytes);
	memset(image, 0, sizeof(*image));
}

/* What the arena's pages are to be: a pointer for each that the image has. */
static int find_targets(struct overlay *overlay, const struct overlay_image *image,
			const unsigned char ***ret)
{
	const unsigned char **targets;
	unsigned char *frame;

	/* A machine that was opened anew may not have fetched them. */
	for (size_t i = 0; image && i < image->nr_pages; i++) {
		int r = overlay_frame(overlay, image->pas[i], &frame);

		if (r < 0)
			return r;
	}
	targets = calloc(overlay->nr_blocks * OVERLAY_BLOCK_PAGES + 1, sizeof(*targets));
	if (!targets)
		return -ENOMEM;
	for (size_t i = 0; image && i < image->nr_pages; i++) {
		overlay_frame(overlay, image->pas[i], &frame);
		targets[page_number(overlay, frame)] = image->bytes + i * PAGE_BYTES;
	}
	*ret = targets;
	return 0;
}

/* Tells of code that will not be the same. */
static void tell_changes(struct overlay *overlay, const unsigned char *const *targets,
			 overlay_changed_fn changed, void *ctx)
{
	for (size_t i = 0; i < overlay->nr_slots; i++) {
		const struct overlay_block *block = &overlay->blocks[i];
		size_t first = block->bytes ? page_number(overlay, block->bytes) : 0;

		for (size_t j = 0; block->bytes && j < OVERLAY_BLOCK_PAGES; j++) {
			size_t page = first + j;

			if (!overlay->has_code[page] ||
			    (targets[page] ? memcmp(overlay->arena + page * PAGE_BYTES,
						    targets[page], PAGE_BYTES) == 0
					   : !has_changed(overlay, page)))
				continue;
			changed(ctx,
				block->number * OVERLAY_BLOCK_BYTES + j * PAGE_BYTES);
			overlay->has_code[page] = OVERLAY_NO_CODE;
		}
	}
}

int overlay_restore(struct overlay *overlay, const struct overlay_image *image,
		    overlay_changed_fn changed, void *ctx)
{
	size_t used_bytes;
	const unsigned char **targets;
	int r = find_targets(overlay, image, &targets);

	if (r < 0)
		return r;
	tell_changes(overlay, targets, changed, ctx);
	used_bytes = overlay->nr_blocks * OVERLAY_BLOCK_BYTES;
	/* What was written lies in pages of the arena's own; without them it is the
	 * origin.
	 */
	if (used_bytes && madvise(overlay->arena, used_bytes, MADV_DONTNEED) < 0)
		r = -errno;
	for (size_t i = 0; r == 0 && i < overlay->nr_blocks * OVERLAY_BLOCK_PAGES; i++)
		if (targets[i])
			memcpy(overlay->arena + i * PAGE_BYTES, targets[i], PAGE_BYTES);
	overlay->exceeded_pages = false;
	free(targets);
	return r;
}

bool overlay_is_whole(const struct overlay *overlay, uint64_t pa)
{
	const struct overlay_block *block = slot_of(overlay->blocks, overlay->nr_slots,
						    pa / OVERLAY_BLOCK_BYTES);

	return block->bytes && !block->missing;
}

static int read_entry(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	unsigned char *bytes;
	int r = overlay_frame(ctx, pa, &bytes);

	(void)fresh;
	if (r == 0)
		memcpy(ret, bytes, sizeof(*ret));
	return r;
}

static void *map(void *at, size_t size_bytes, int flags, int fd)
{
	void *bytes = mmap(at, size_bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE,
			   fd, 0);

	return bytes == MAP_FAILED ? NULL : bytes;
}

/* The arena becomes a copy of a file in memory, page by page where it is written to. */
static void map_origin(struct overlay *overlay)
{
	int fd = scratch_open("machine");

	if (fd < 0)
		return;
	if (ftruncate(fd, (off_t)overlay->arena_bytes) == 0)
		overlay->origin = map(NULL, overlay->arena_bytes, MAP_SHARED, fd);
	if (overlay->origin)
		overlay->arena = map(NULL, overlay->arena_bytes, MAP_PRIVATE, fd);
	if (overlay->origin && !overlay->arena) {
		munmap(overlay->origin, overlay->arena_bytes);
		overlay->origin = NULL;
	}
	close(fd);
}

int overlay_open(struct overlay *ret, overlay_fetch_fn fetch, void *ctx,
		 const struct pagetable *pt, size_t max_pages, bool is_constant)
{
	struct overlay overlay = {
		.fetch = fetch,
		.ctx = ctx,
		.pt = *pt,
		.nr_slots = 256,
		.max_pages = max_pages,
	};

	if (__builtin_mul_overflow(max_pages / OVERLAY_BLOCK_PAGES + 1,
				   (size_t)OVERLAY_BLOCK_BYTES, &overlay.arena_bytes))
		return -ENOMEM;
	if (is_constant)
		map_origin(&overlay);
	if (!overlay.origin)
		overlay.arena = map(NULL, overlay.arena_bytes,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1);
	overlay.blocks = calloc(overlay.nr_slots, sizeof(*overlay.blocks));
	overlay.has_code = calloc(overlay.arena_bytes / PAGE_BYTES, 1);
	if (!overlay.arena || !overlay.blocks || !overlay.has_code) {
		overlay_close(&overlay);
		return -ENOMEM;
	}
	*ret = overlay;
	ret->pt.read = read_entry;
	ret->pt.read_tables = NULL;
	ret->pt.ctx = ret;
	return 0;
}

void overlay_close(struct overlay *overlay)
{
	if (overlay->arena)
		munmap(overlay->arena, overlay->arena_bytes);
	if (overlay->origin)
		munmap(overlay->origin, overlay->arena_bytes);
	free(overlay->blocks);
	free(overlay->has_code);
	memset(overlay, 0, sizeof(*overlay));
}

void overlay_walk(struct overlay *overlay, uint64_t va, struct pt_walk *ret)
{
	pt_walk(&overlay->pt, va, ret);
}

/* The bytes at @va to the end of its page. */
static int bytes_at(struct overlay *overlay, uint64_t va, unsigned char **ret)
{
	struct pt_walk walk;

	overlay_walk(overlay, va, &walk);
	return walk.reason == PT_OK ? overlay_frame(overlay, walk.pa, ret) : -EFAULT;
}

/* Page by page: from there to @to, or from @from to there. */
static int move_bytes(struct overlay *overlay, uint64_t va, char *to, const char *from,
		      size_t size_bytes)
{
	for (size_t done = 0; done < size_bytes;) {
		size_t n = PAGE_BYTES - (va + done) % PAGE_BYTES;
		unsigned char *bytes;
		int r = bytes_at(overlay, va + done, &bytes);

		if (r < 0)
			return r;
		if (n > size_bytes - done)
			n = size_bytes - done;
		if (to)
			memcpy(to + done, bytes, n);
		else
			memcpy(bytes, from + done, n);
		done += n;
	}
	return 0;
}

int overlay_read(struct overlay *overlay, uint64_t va, void *buf, size_t size_bytes)
{
	return move_bytes(overlay, va, buf, NULL, size_bytes);
}

int overlay_write(struct overlay *overlay, uint64_t va, const void *buf,
		  size_t size_bytes)
{
	return move_bytes(overlay, va, NULL, buf, size_bytes);
}

int overlay_map(struct overlay *overlay, uint64_t va, uint64_t pa, uint64_t flags,
		overlay_allocate_fn allocate, void *ctx)
{
	const struct pt_format *format = &overlay->pt.format;
	/* _KERNPG_TABLE: present, writable, accessed, dirty. */
	static const uint64_t TABLE_FLAGS = 0x63;
	uint64_t table = overlay->pt.root_pa, entry;

	for (int level = (int)format->levels - 1; level >= PT_PTE; level--) {
		uint64_t entry_pa = table + 8 * pt_level_index(level, va);
		unsigned char *bytes;
		int r = overlay_frame(overlay, entry_pa, &bytes);

		if (r < 0)
			return r;
		memcpy(&entry, bytes, sizeof(entry));
		if (level == PT_PTE) {
			entry = pa | flags | format->enc_mask;
			memcpy(bytes, &entry, sizeof(entry));
		} else if (!(entry & PT_PRESENT)) {
			r = allocate(ctx, &table);
			if (r < 0)
				return r;
			entry = table | TABLE_FLAGS | format->enc_mask;
			/* allocate() may have moved nothing: blocks stay where they are.
			 */
			memcpy(bytes, &entry, sizeof(entry));
		} else if (pt_entry_is_leaf(entry, level)) {
			return -EEXIST;
		} else {
			table = pt_entry_pa(format, entry, level);
		}
	}
	return 0;
}
