/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages of an overlay the emulator may touch, and how. Like a CPU's TLB it may be
 * stale until it is flushed.
 *
 * Unicorn 2.1 asks for each page that it misses, as a CPU walks the tables: the overlay's
 * arena is its physical memory. Older ones have no tables of their own: tlbmap.h.
 */
#ifndef KWCHECK_MACHINE_TLB_H
#define KWCHECK_MACHINE_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/overlay.h"
#include "machine/tlbmap.h"

struct tlb {
	const struct unicorn *unicorn;
	struct uc_struct *uc;
	struct overlay *overlay;
	bool is_asked;	      /* by the emulator; else the pages are in maps */
	uint64_t writable_va; /* page that may be written to whatever the tables say */
	uint64_t
		lost_pa; /* stores to this block of the overlay change nothing; 0: none */
	struct tlbmap maps;
};

/* Is the frame at @pa one that stores do not change? */
bool tlb_is_lost(const struct tlb *tlb, uint64_t pa);

/* @unicorn, @uc, @overlay: borrowed. @ret must not move. Returns 0 or -ENOMEM. */
int tlb_open(struct tlb *ret, const struct unicorn *unicorn, struct uc_struct *uc,
	     struct overlay *overlay);
void tlb_close(struct tlb *tlb);

/* The bytes of the page that @va lies in, where the emulator has it; else NULL. */
const unsigned char *tlb_page(struct tlb *tlb, uint64_t va);

/* tlb_map - lets the emulator have what the page tables map at @va
 * @is_writable: let it be written to although the tables do not; then that page alone,
 * until tlb_drop(). @walk: filled in any case. Returns 0; -EFAULT: the tables map nothing
 * there; -ENXIO: the core has no such memory; -EDQUOT, -ENOMEM, -EBUSY.
 */
int tlb_map(struct tlb *tlb, uint64_t va, bool is_writable, struct pt_walk *walk);

/* tlb_drop - what is known of @va's page is forgotten
 * tlb_flush - so is all that the page tables contradict
 * Return 0 or -ENOMEM.
 */
int tlb_drop(struct tlb *tlb, uint64_t va);
int tlb_flush(struct tlb *tlb);

/* Bytes were changed from outside: code that was translated from them is dropped. By
 * virtual address, or all mappings of the overlay's block or page at @pa.
 */
void tlb_forget_code(struct tlb *tlb, uint64_t va, uint64_t size_bytes);
void tlb_forget_block(struct tlb *tlb, uint64_t pa);
void tlb_forget_page(struct tlb *tlb, uint64_t pa);

#endif
