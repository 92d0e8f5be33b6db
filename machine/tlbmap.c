/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of an overlay, mapped in the emulator one by one. */
#include "machine/tlbmap.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "machine/unicorn.h"

struct tlbmap_page {
	uint64_t va; /* 0: a free slot */
	unsigned char *bytes;
	uint32_t mapping; /* index */
};

/* Pages that follow each other in physical memory, too, in one block of the overlay. */
struct tlbmap_mapping {
	uint64_t va, pa;
	size_t size_bytes; /* 0: gone */
	uint32_t rights;   /* UC_PROT_* */
};

static struct tlbmap_page *slot_of(struct tlbmap_page *pages, size_t nr_slots,
				   uint64_t va)
{
	size_t i = (size_t)(array_hash(va / PAGE_BYTES) >> 40) & (nr_slots - 1);

	while (pages[i].va && pages[i].va != va)
		i = (i + 1) & (nr_slots - 1);
	return &pages[i];
}

static const struct tlbmap_page *find(const struct tlbmap *maps, uint64_t va)
{
	const struct tlbmap_page *page = slot_of(maps->pages, maps->nr_slots,
						 va & ~(uint64_t)(PAGE_BYTES - 1));

	return page->va ? page : NULL;
}

const unsigned char *tlbmap_page(const struct tlbmap *maps, uint64_t va)
{
	const struct tlbmap_page *page = find(maps, va);

	return page ? page->bytes : NULL;
}

/* A page of a mapping that is gone is left out. */
static int rehash(struct tlbmap *maps, size_t nr_slots)
{
	struct tlbmap_page *pages = calloc(nr_slots, sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	for (size_t i = 0; i < maps->nr_slots; i++) {
		const struct tlbmap_page *page = &maps->pages[i];

		if (page->va && maps->mappings[page->mapping].size_bytes)
			*slot_of(pages, nr_slots, page->va) = *page;
		else if (page->va)
			maps->nr_pages--;
	}
	free(maps->pages);
	maps->pages = pages;
	maps->nr_slots = nr_slots;
	return 0;
}

static int make_room(struct tlbmap *maps, size_t nr_pages)
{
	if (array_reserve(&maps->mappings, maps->nr_mappings, &maps->room_mappings,
			  sizeof(*maps->mappings)) < 0)
		return -ENOMEM;
	return (maps->nr_pages + nr_pages) * 2 > maps->nr_slots
		       ? rehash(maps, maps->nr_slots * 2)
		       : 0;
}

static int add(struct tlbmap *maps, struct tlbmap_mapping mapping, unsigned char *bytes)
{
	int r = make_room(maps, mapping.size_bytes / PAGE_BYTES);

	if (r < 0)
		return r;
	if (maps->unicorn->mem_map_ptr(maps->uc, mapping.va, mapping.size_bytes,
				       mapping.rights, bytes))
		return -EBUSY;
	for (size_t i = 0; i < mapping.size_bytes; i += PAGE_BYTES) {
		*slot_of(maps->pages, maps->nr_slots,
			 mapping.va + i) = (struct tlbmap_page){
			.va = mapping.va + i,
			.bytes = bytes + i,
			.mapping = (uint32_t)maps->nr_mappings,
		};
		maps->nr_pages++;
	}
	maps->mappings[maps->nr_mappings++] = mapping;
	return 0;
}

/* Unicorn has a call that drops all translated code: it clears a gigabyte. */
static void forget(struct tlbmap *maps, uint64_t va, uint64_t size_bytes)
{
	maps->unicorn->ctl(maps->uc, UC_CTL_WRITE(UC_CTL_TB_REMOVE_CACHE, 2), va,
			   va + size_bytes);
}

static void take_out(struct tlbmap *maps, struct tlbmap_mapping *mapping)
{
	if (mapping->rights & UC_PROT_EXEC)
		forget(maps, mapping->va, mapping->size_bytes);
	maps->unicorn->mem_unmap(maps->uc, mapping->va, mapping->size_bytes);
	mapping->size_bytes = 0;
}

static uint32_t rights_of(const struct tlbmap *maps, const struct pt_walk *walk)
{
	return UC_PROT_READ |
	       (walk->writable && !overlay_is_lost(maps->overlay, walk->pa)
			? UC_PROT_WRITE
			: 0) |
	       (walk->nx ? 0 : UC_PROT_EXEC);
}

/* Has page @i from @mapping's first the same rights, and follows in physical memory? */
static bool continues(struct tlbmap *maps, const struct tlbmap_mapping *mapping,
		      int64_t i)
{
	uint64_t in_block = mapping->pa % OVERLAY_BLOCK_BYTES;
	struct pt_walk walk;

	if (in_block + (uint64_t)i * PAGE_BYTES >= OVERLAY_BLOCK_BYTES ||
	    find(maps, mapping->va + (uint64_t)i * PAGE_BYTES))
		return false;
	overlay_walk(maps->overlay, mapping->va + (uint64_t)i * PAGE_BYTES, &walk);
	return walk.reason == PT_OK && rights_of(maps, &walk) == mapping->rights &&
	       walk.pa == mapping->pa + (uint64_t)i * PAGE_BYTES;
}

/* Each mapping makes all later ones slower, so neighbours are mapped together. */
static void extend(struct tlbmap *maps, struct tlbmap_mapping *mapping)
{
	int64_t first = 0, last = 0;

	while (continues(maps, mapping, first - 1))
		first--;
	while (continues(maps, mapping, last + 1))
		last++;
	mapping->va += (uint64_t)first * PAGE_BYTES;
	mapping->pa += (uint64_t)first * PAGE_BYTES;
	mapping->size_bytes = (size_t)(last + 1 - first) * PAGE_BYTES;
}

int tlbmap_add(struct tlbmap *maps, uint64_t va, bool is_writable,
	       const struct pt_walk *walk, unsigned char *bytes)
{
	struct tlbmap_mapping mapping = {.va = va,
					 .pa = walk->pa,
					 .size_bytes = PAGE_BYTES,
					 .rights = rights_of(maps, walk)};
	struct tlbmap_mapping wide = mapping;

	if (is_writable)
		mapping.rights |= UC_PROT_WRITE;
	else if (overlay_is_whole(maps->overlay, walk->pa))
		extend(maps, &wide);
	if (wide.size_bytes > PAGE_BYTES &&
	    add(maps, wide, bytes - (mapping.pa - wide.pa)) == 0)
		return 0;
	return add(maps, mapping, bytes);
}

int tlbmap_drop(struct tlbmap *maps, uint64_t va)
{
	const struct tlbmap_page *page = find(maps, va);

	if (!page)
		return 0;
	take_out(maps, &maps->mappings[page->mapping]);
	return rehash(maps, maps->nr_slots);
}

/* Does the mapping still say what the tables say? */
static bool is_current(struct tlbmap *maps, const struct tlbmap_mapping *mapping)
{
	struct pt_walk walk;

	for (uint64_t i = 0; i < mapping->size_bytes; i += walk.span) {
		overlay_walk(maps->overlay, mapping->va + i, &walk);
		if (walk.reason != PT_OK || walk.pa != mapping->pa + i ||
		    rights_of(maps, &walk) != mapping->rights)
			return false;
	}
	return true;
}

int tlbmap_flush(struct tlbmap *maps)
{
	bool has_changed = false;

	for (size_t i = 0; i < maps->nr_mappings; i++) {
		struct tlbmap_mapping *mapping = &maps->mappings[i];

		if (!mapping->size_bytes || is_current(maps, mapping))
			continue;
		take_out(maps, mapping);
		has_changed = true;
	}
	return has_changed ? rehash(maps, maps->nr_slots) : 0;
}

void tlbmap_forget_code(struct tlbmap *maps, uint64_t va, uint64_t size_bytes)
{
	const struct tlbmap_page *page = find(maps, va);

	if (page && maps->mappings[page->mapping].rights & UC_PROT_EXEC)
		forget(maps, va, size_bytes);
}

void tlbmap_forget_block(struct tlbmap *maps, uint64_t pa)
{
	for (size_t i = 0; i < maps->nr_mappings; i++) {
		const struct tlbmap_mapping *mapping = &maps->mappings[i];

		if (mapping->size_bytes && mapping->rights & UC_PROT_EXEC &&
		    mapping->pa - pa < OVERLAY_BLOCK_BYTES)
			forget(maps, mapping->va, mapping->size_bytes);
	}
}

void tlbmap_forget_page(struct tlbmap *maps, uint64_t pa)
{
	for (size_t i = 0; i < maps->nr_mappings; i++) {
		const struct tlbmap_mapping *mapping = &maps->mappings[i];

		if (pa - mapping->pa < mapping->size_bytes &&
		    mapping->rights & UC_PROT_EXEC)
			forget(maps, mapping->va + (pa - mapping->pa), PAGE_BYTES);
	}
}

int tlbmap_open(struct tlbmap *ret, const struct unicorn *unicorn, struct uc_struct *uc,
		struct overlay *overlay)
{
	*ret = (struct tlbmap){
		.unicorn = unicorn, .uc = uc, .overlay = overlay, .nr_slots = 2048};
	ret->pages = calloc(ret->nr_slots, sizeof(*ret->pages));
	return ret->pages ? 0 : -ENOMEM;
}

void tlbmap_close(struct tlbmap *maps)
{
	free(maps->mappings);
	free(maps->pages);
	memset(maps, 0, sizeof(*maps));
}

#endif
