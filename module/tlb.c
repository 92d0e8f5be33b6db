/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages of an overlay are mapped in the emulator. */
#include "module/tlb.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "module/emulator.h"

/* Pages that follow each other in physical memory, too, in one block of the overlay. */
struct tlb_mapping {
	uint64_t va, pa;
	size_t size_bytes; /* 0: gone */
	uint32_t rights;   /* UC_PROT_* */
};

static struct tlb_page *slot_of(struct tlb_page *pages, size_t nr_slots, uint64_t va)
{
	size_t i = (size_t)((va / PAGE_BYTES) * 0x9e3779b97f4a7c15ULL >> 40) &
		   (nr_slots - 1);

	while (pages[i].va && pages[i].va != va)
		i = (i + 1) & (nr_slots - 1);
	return &pages[i];
}

const struct tlb_page *tlb_find(const struct tlb *tlb, uint64_t va)
{
	const struct tlb_page *page = slot_of(tlb->pages, tlb->nr_slots,
					      va & ~(uint64_t)(PAGE_BYTES - 1));

	return page->va ? page : NULL;
}

/* A page of a mapping that is gone is left out. */
static int rehash(struct tlb *tlb, size_t nr_slots)
{
	struct tlb_page *pages = calloc(nr_slots, sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	for (size_t i = 0; i < tlb->nr_slots; i++) {
		const struct tlb_page *page = &tlb->pages[i];

		if (page->va && tlb->mappings[page->mapping].size_bytes)
			*slot_of(pages, nr_slots, page->va) = *page;
		else if (page->va)
			tlb->nr_pages--;
	}
	free(tlb->pages);
	tlb->pages = pages;
	tlb->nr_slots = nr_slots;
	return 0;
}

static int make_room(struct tlb *tlb, size_t nr_pages)
{
	if (tlb->nr_mappings == tlb->room_mappings) {
		size_t room = tlb->room_mappings ? tlb->room_mappings * 2 : 256;
		void *mappings = reallocarray(tlb->mappings, room,
					      sizeof(*tlb->mappings));

		if (!mappings)
			return -ENOMEM;
		tlb->mappings = mappings;
		tlb->room_mappings = room;
	}
	return (tlb->nr_pages + nr_pages) * 2 > tlb->nr_slots
		       ? rehash(tlb, tlb->nr_slots * 2)
		       : 0;
}

static int add(struct tlb *tlb, struct tlb_mapping mapping, unsigned char *bytes)
{
	int r = make_room(tlb, mapping.size_bytes / PAGE_BYTES);

	if (r < 0)
		return r;
	if (tlb->emulator->mem_map_ptr(tlb->uc, mapping.va, mapping.size_bytes,
				       mapping.rights, bytes))
		return -EBUSY;
	for (size_t i = 0; i < mapping.size_bytes; i += PAGE_BYTES) {
		*slot_of(tlb->pages, tlb->nr_slots, mapping.va + i) = (struct tlb_page){
			.va = mapping.va + i,
			.bytes = bytes + i,
			.mapping = (uint32_t)tlb->nr_mappings,
		};
		tlb->nr_pages++;
	}
	tlb->mappings[tlb->nr_mappings++] = mapping;
	return 0;
}

/* To drop all translated code instead, Unicorn clears a gigabyte. */
static void forget(struct tlb *tlb, uint64_t va, uint64_t size_bytes)
{
	tlb->emulator->ctl(tlb->uc, UC_CTL_WRITE(UC_CTL_TB_REMOVE_CACHE, 2), va,
			   va + size_bytes);
}

static void take_out(struct tlb *tlb, struct tlb_mapping *mapping)
{
	if (mapping->rights & UC_PROT_EXEC)
		forget(tlb, mapping->va, mapping->size_bytes);
	tlb->emulator->mem_unmap(tlb->uc, mapping->va, mapping->size_bytes);
	mapping->size_bytes = 0;
}

static uint32_t rights_of(const struct pt_walk *walk)
{
	return UC_PROT_READ | (walk->writable ? UC_PROT_WRITE : 0) |
	       (walk->nx ? 0 : UC_PROT_EXEC);
}

/* Has page @i from @mapping's first the same rights, and follows in physical memory? */
static bool continues(struct tlb *tlb, const struct tlb_mapping *mapping, int64_t i)
{
	uint64_t in_block = mapping->pa % OVERLAY_BLOCK_BYTES;
	struct pt_walk walk;

	if (in_block + (uint64_t)i * PAGE_BYTES >= OVERLAY_BLOCK_BYTES ||
	    tlb_find(tlb, mapping->va + (uint64_t)i * PAGE_BYTES))
		return false;
	overlay_walk(tlb->overlay, mapping->va + (uint64_t)i * PAGE_BYTES, &walk);
	return walk.reason == PT_OK && rights_of(&walk) == mapping->rights &&
	       walk.pa == mapping->pa + (uint64_t)i * PAGE_BYTES;
}

/* Each mapping makes all later ones dearer: the fewer the better. */
static void extend(struct tlb *tlb, struct tlb_mapping *mapping)
{
	int64_t first = 0, last = 0;

	while (continues(tlb, mapping, first - 1))
		first--;
	while (continues(tlb, mapping, last + 1))
		last++;
	mapping->va += (uint64_t)first * PAGE_BYTES;
	mapping->pa += (uint64_t)first * PAGE_BYTES;
	mapping->size_bytes = (size_t)(last + 1 - first) * PAGE_BYTES;
}

int tlb_map(struct tlb *tlb, uint64_t va, bool is_writable, struct pt_walk *walk)
{
	struct tlb_mapping mapping, wide;
	unsigned char *bytes;
	int r;

	va &= ~(uint64_t)(PAGE_BYTES - 1);
	overlay_walk(tlb->overlay, va, walk);
	if (walk->reason != PT_OK)
		return -EFAULT;
	r = overlay_frame(tlb->overlay, walk->pa, &bytes);
	if (r < 0)
		return r == -EFAULT ? -ENXIO : r;
	wide = mapping = (struct tlb_mapping){.va = va,
					      .pa = walk->pa,
					      .size_bytes = PAGE_BYTES,
					      .rights = rights_of(walk)};
	if (is_writable)
		mapping.rights |= UC_PROT_WRITE;
	else if (overlay_is_whole(tlb->overlay, walk->pa))
		extend(tlb, &wide);
	if (wide.size_bytes > PAGE_BYTES &&
	    add(tlb, wide, bytes - (mapping.pa - wide.pa)) == 0)
		return 0;
	return add(tlb, mapping, bytes);
}

int tlb_drop(struct tlb *tlb, uint64_t va)
{
	const struct tlb_page *page = tlb_find(tlb, va);

	if (!page)
		return 0;
	take_out(tlb, &tlb->mappings[page->mapping]);
	return rehash(tlb, tlb->nr_slots);
}

/* Does the mapping still say what the tables say? */
static bool is_current(struct tlb *tlb, const struct tlb_mapping *mapping)
{
	struct pt_walk walk;

	for (uint64_t i = 0; i < mapping->size_bytes; i += walk.span) {
		overlay_walk(tlb->overlay, mapping->va + i, &walk);
		if (walk.reason != PT_OK || walk.pa != mapping->pa + i ||
		    rights_of(&walk) != mapping->rights)
			return false;
	}
	return true;
}

int tlb_flush(struct tlb *tlb)
{
	bool has_changed = false;

	for (size_t i = 0; i < tlb->nr_mappings; i++) {
		struct tlb_mapping *mapping = &tlb->mappings[i];

		if (!mapping->size_bytes || is_current(tlb, mapping))
			continue;
		take_out(tlb, mapping);
		has_changed = true;
	}
	return has_changed ? rehash(tlb, tlb->nr_slots) : 0;
}

void tlb_forget_code(struct tlb *tlb, uint64_t va, uint64_t size_bytes)
{
	const struct tlb_page *page = tlb_find(tlb, va);

	if (page && tlb->mappings[page->mapping].rights & UC_PROT_EXEC)
		forget(tlb, va, size_bytes);
}

void tlb_forget_block(struct tlb *tlb, uint64_t pa)
{
	for (size_t i = 0; i < tlb->nr_mappings; i++) {
		const struct tlb_mapping *mapping = &tlb->mappings[i];

		if (mapping->size_bytes && mapping->rights & UC_PROT_EXEC &&
		    mapping->pa - pa < OVERLAY_BLOCK_BYTES)
			forget(tlb, mapping->va, mapping->size_bytes);
	}
}

int tlb_open(struct tlb *ret, const struct emulator *emulator, struct uc_struct *uc,
	     struct overlay *overlay)
{
	*ret = (struct tlb){
		.emulator = emulator, .uc = uc, .overlay = overlay, .nr_slots = 2048};
	ret->pages = calloc(ret->nr_slots, sizeof(*ret->pages));
	return ret->pages ? 0 : -ENOMEM;
}

void tlb_close(struct tlb *tlb)
{
	free(tlb->mappings);
	free(tlb->pages);
	memset(tlb, 0, sizeof(*tlb));
}

#endif
