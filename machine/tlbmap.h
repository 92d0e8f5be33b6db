/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of an overlay, mapped in an emulator that has no tables of its own: Unicorn
 * before 2.1. Its physical addresses are the kernel's virtual ones.
 */
#ifndef KWCHECK_MACHINE_TLBMAP_H
#define KWCHECK_MACHINE_TLBMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/overlay.h"

struct unicorn;
struct uc_struct;

struct tlbmap {
	const struct unicorn *unicorn;
	struct uc_struct *uc;
	struct overlay *overlay;
	struct tlbmap_mapping *mappings;
	size_t nr_mappings, room_mappings;
	struct tlbmap_page *pages; /* open addressing, by address */
	size_t nr_slots, nr_pages;
};

/* @unicorn, @uc, @overlay: borrowed. Returns 0 or -ENOMEM. */
int tlbmap_open(struct tlbmap *ret, const struct unicorn *unicorn, struct uc_struct *uc,
		struct overlay *overlay);
void tlbmap_close(struct tlbmap *maps);

/* The bytes of the page that @va lies in, if it is mapped; else NULL. */
const unsigned char *tlbmap_page(const struct tlbmap *maps, uint64_t va);

/* tlbmap_add - maps the page at @va, and some of its neighbours where they have its
 * rights
 * @is_writable: let it be written to although the tables do not; then that page alone.
 * @walk, @bytes: what the tables say of @va, and its frame. Returns 0, -ENOMEM, or
 * -EBUSY.
 */
int tlbmap_add(struct tlbmap *maps, uint64_t va, bool is_writable,
	       const struct pt_walk *walk, unsigned char *bytes);

/* As those of tlb.h. */
int tlbmap_drop(struct tlbmap *maps, uint64_t va);
int tlbmap_flush(struct tlbmap *maps);
void tlbmap_forget_code(struct tlbmap *maps, uint64_t va, uint64_t size_bytes);
void tlbmap_forget_block(struct tlbmap *maps, uint64_t pa);
void tlbmap_forget_page(struct tlbmap *maps, uint64_t pa);

#endif
