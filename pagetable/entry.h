/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bits of one x86-64 page-table entry mean, at every level. */
#ifndef KWCHECK_PAGETABLE_ENTRY_H
#define KWCHECK_PAGETABLE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counted from the leaf, so that a level's span is 4 KiB << (9 * level) with 4- and
 * 5-level tables alike. With 4 levels the top one is PT_P4D; pt_level_name() calls it
 * PGD, as the kernel does (it folds the P4D).
 */
enum pt_level {
	PT_PTE = 0,
	PT_PMD,
	PT_PUD,
	PT_P4D,
	PT_PGD,
	PT_MAX_LEVELS,
};

enum { PT_TABLE_ENTRIES = 512 };

/* How often entries that change while they are read are read anew. A split or a collapse
 * of a large page takes microseconds; eight rounds outlive it.
 */
enum { PT_MAX_ROUNDS = 8 };

/* Intel SDM vol. 3A 4.5; AMD APM vol. 2 5.3. */
static const uint64_t PT_PRESENT = 1ULL << 0;
static const uint64_t PT_RW = 1ULL << 1;
static const uint64_t PT_USER = 1ULL << 2;
/* The CPU sets it in an entry that it walks through. Intel SDM vol. 3A 4.8. */
static const uint64_t PT_ACCESSED = 1ULL << 5;
static const uint64_t PT_DIRTY = 1ULL << 6;
static const uint64_t PT_PSE = 1ULL << 7;
static const uint64_t PT_NX = 1ULL << 63;
static const uint64_t PT_PKEY = 0xfULL << 59; /* of a leaf: its protection key */

/* How the entries of one kernel are to be read. */
struct pt_format {
	unsigned levels;    /* 4 or 5 */
	unsigned phys_bits; /* MAXPHYADDR; an address bit at or above it is reserved */
	/* The bits of an entry that hold a physical address: the kernel's physical_mask.
	 * It leaves out the AMD C-bit and the TDX/vTOM shared bit.
	 */
	uint64_t pa_mask;
	uint64_t enc_mask; /* the AMD C-bit, 0 where memory encryption is off */
	bool no_nx;	   /* EFER.NXE is clear: bit 63 is reserved */
	bool pks;	   /* CR4.PKS is set: keys of supervisor pages may deny a write */
	/* The kernel itself runs at CPL 3, as under Xen PV: it reaches a page only where
	 * U is set at every level, and its processes have tables without its half.
	 */
	bool is_ring3;
};

/* One name of one bit (or of one value of a field). */
struct pt_flag {
	uint64_t bit;
	const char *name;
};

enum { PT_MAX_FLAGS = 32 };

/* "PGD" .. "PTE". @levels: 4 or 5. */
const char *pt_level_name(enum pt_level level, unsigned levels);

/* Bytes of address space that one entry of @level spans: 4096 at PT_PTE. */
uint64_t pt_level_span(enum pt_level level);

/* Index of @va in a table of @level, 0..511. */
unsigned pt_level_index(enum pt_level level, uint64_t va);

/* A present entry that maps a page rather than points to a table. PSE above the PUD is a
 * reserved bit, not a leaf.
 */
bool pt_entry_is_leaf(uint64_t entry, enum pt_level level);

/* Is what a present @entry maps out of the reach of a kernel at CPL 3? */
bool pt_entry_is_hypervisors(const struct pt_format *format, uint64_t entry);

/* The reserved bits that are set in a present @entry; 0 where it is well formed. Any
 * access through an entry with one of them set faults (RSVD). Intel SDM vol. 3A 4.7.
 */
uint64_t pt_entry_reserved(const struct pt_format *format, uint64_t entry,
			   enum pt_level level);

/* Physical address that a present @entry holds: of the next table, or of the mapped page
 * with the bits below the page size (PAT among them) cleared.
 */
uint64_t pt_entry_pa(const struct pt_format *format, uint64_t entry, enum pt_level level);

/* PAT index, 0..7, of a leaf: PAT << 2 | PCD << 1 | PWT. PAT is bit 7 of a PTE and bit 12
 * of a larger page.
 */
unsigned pt_entry_pat(uint64_t entry, enum pt_level level);

/* Names of the bits set in @entry, lowest bit first, address bits left out.
 * @flags: room for PT_MAX_FLAGS. Returns how many were written. A not-present entry has
 * no bits that hardware looks at; the kernel's own meaning (PROTNONE) is given where it
 * is known.
 */
size_t pt_entry_flags(const struct pt_format *format, uint64_t entry, enum pt_level level,
		      struct pt_flag flags[PT_MAX_FLAGS]);

#endif
