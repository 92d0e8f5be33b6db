/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages of an overlay are mapped in the emulator, with which rights: like a CPU's
 * TLB it may be stale until it is flushed.
 */
#ifndef KWCHECK_MODULE_TLB_H
#define KWCHECK_MODULE_TLB_H

#include <stddef.h>
#include <stdint.h>

#include "module/overlay.h"

struct emulator;
struct uc_struct;

struct tlb_page {
	uint64_t va; /* 0: a free slot */
	unsigned char *bytes;
	uint32_t mapping; /* index */
};

struct tlb {
	const struct emulator *emulator;
	struct uc_struct *uc;
	struct overlay *overlay;
	struct tlb_mapping *mappings;
	size_t nr_mappings, room_mappings;
	struct tlb_page *pages; /* open addressing, by address */
	size_t nr_slots, nr_pages;
};

/* @emulator, @uc, @overlay: borrowed. Returns 0 or -ENOMEM. */
int tlb_open(struct tlb *ret, const struct emulator *emulator, struct uc_struct *uc,
	     struct overlay *overlay);
void tlb_close(struct tlb *tlb);

/* The page that @va lies in, if it is mapped; else NULL. */
const struct tlb_page *tlb_find(const struct tlb *tlb, uint64_t va);

/* tlb_map - maps what the page tables map at @va, and some of its neighbours
 * @is_writable: let it be written to although the tables do not; then that page alone.
 * @walk: filled in any case. Returns 0; -EFAULT: the tables map nothing there; -ENXIO:
 * the core has no such memory; -EDQUOT, -ENOMEM, -EBUSY.
 */
int tlb_map(struct tlb *tlb, uint64_t va, bool is_writable, struct pt_walk *walk);

/* tlb_drop - takes the mapping of @va's page out
 * tlb_flush - takes out every mapping that the page tables contradict
 * Return 0 or -ENOMEM.
 */
int tlb_drop(struct tlb *tlb, uint64_t va);
int tlb_flush(struct tlb *tlb);

/* Bytes were changed from outside: code that was translated from them is dropped. By
 * virtual address, or all mappings of the overlay's block at @pa.
 */
void tlb_forget_code(struct tlb *tlb, uint64_t va, uint64_t size_bytes);
void tlb_forget_block(struct tlb *tlb, uint64_t pa);

#endif
