/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bits of one x86-64 page-table entry mean, at every level. */
#include "pagetable/entry.h"

enum { PAGE_SHIFT = 12, INDEX_BITS = 9 };

/* Bits 12..51 can hold an address; what is above belongs to software, keys and NX. */
static const uint64_t ADDRESS_FIELD = 0x000ffffffffff000ULL;

enum kind {
	KIND_TABLE = 1 << 0,  /* present, points to a table */
	KIND_PAGE = 1 << 1,   /* present, maps 4 KiB */
	KIND_LARGE = 1 << 2,  /* present, maps 2 MiB or 1 GiB */
	KIND_ABSENT = 1 << 3, /* not present */
	KIND_LEAF = KIND_PAGE | KIND_LARGE,
	KIND_PRESENT = KIND_TABLE | KIND_LEAF,
};

/* Every bit that has a name; a new paging bit is one row. Software bits are named SWn:
 * their meaning moves between releases (58 is DEVMAP in 5.10, SAVED_DIRTY in 6.12,
 * NOPTISHADOW of a root entry in 7.3; arch/x86/include/asm/pgtable_types.h) and never
 * touches the verdict.
 */
static const struct {
	unsigned char bit;
	unsigned char kinds;
	const char *name;
} names[] = {
	{.bit = 0, .kinds = KIND_PRESENT, .name = "PRESENT"},
	{.bit = 1, .kinds = KIND_PRESENT, .name = "RW"},
	{.bit = 2, .kinds = KIND_PRESENT, .name = "USER"},
	{.bit = 3, .kinds = KIND_PRESENT, .name = "PWT"},
	{.bit = 4, .kinds = KIND_PRESENT, .name = "PCD"},
	{.bit = 5, .kinds = KIND_PRESENT, .name = "ACCESSED"},
	{.bit = 6, .kinds = KIND_LEAF, .name = "DIRTY"},
	{.bit = 7, .kinds = KIND_PAGE, .name = "PAT"},
	{.bit = 7, .kinds = KIND_LARGE, .name = "PSE"},
	{.bit = 8, .kinds = KIND_LEAF, .name = "GLOBAL"},
	/* _PAGE_PROTNONE shares the bit with GLOBAL and means something only when P=0. */
	{.bit = 8, .kinds = KIND_ABSENT, .name = "PROTNONE"},
	{.bit = 9, .kinds = KIND_PRESENT, .name = "SW9"},
	{.bit = 10, .kinds = KIND_PRESENT, .name = "SW10"},
	{.bit = 11, .kinds = KIND_PRESENT, .name = "SW11"},
	{.bit = 12, .kinds = KIND_LARGE, .name = "PAT"},
	{.bit = 52, .kinds = KIND_PRESENT, .name = "SW52"},
	{.bit = 53, .kinds = KIND_PRESENT, .name = "SW53"},
	{.bit = 54, .kinds = KIND_PRESENT, .name = "SW54"},
	{.bit = 55, .kinds = KIND_PRESENT, .name = "SW55"},
	{.bit = 56, .kinds = KIND_PRESENT, .name = "SW56"},
	{.bit = 57, .kinds = KIND_PRESENT, .name = "SW57"},
	{.bit = 58, .kinds = KIND_PRESENT, .name = "SW58"},
	{.bit = 59, .kinds = KIND_PRESENT, .name = "PKEY0"},
	{.bit = 60, .kinds = KIND_PRESENT, .name = "PKEY1"},
	{.bit = 61, .kinds = KIND_PRESENT, .name = "PKEY2"},
	{.bit = 62, .kinds = KIND_PRESENT, .name = "PKEY3"},
	{.bit = 63, .kinds = KIND_PRESENT, .name = "NX"},
};

const char *pt_level_name(enum pt_level level, unsigned levels)
{
	static const char *const level_names[PT_MAX_LEVELS] = {
		[PT_PTE] = "PTE", [PT_PMD] = "PMD", [PT_PUD] = "PUD",
		[PT_P4D] = "P4D", [PT_PGD] = "PGD",
	};

	if (level >= PT_MAX_LEVELS || level + 1 == levels)
		return "PGD";
	return level_names[level];
}

uint64_t pt_level_span(enum pt_level level)
{
	return 1ULL << (PAGE_SHIFT + INDEX_BITS * level);
}

unsigned pt_level_index(enum pt_level level, uint64_t va)
{
	return va >> (PAGE_SHIFT + INDEX_BITS * level) & (PT_TABLE_ENTRIES - 1);
}

bool pt_entry_is_leaf(uint64_t entry, enum pt_level level)
{
	if (!(entry & PT_PRESENT))
		return false;
	return level == PT_PTE || (level <= PT_PUD && entry & PT_PSE);
}

bool pt_entry_is_hypervisors(const struct pt_format *format, uint64_t entry)
{
	return format->is_ring3 && !(entry & PT_USER);
}

static enum kind kind_of(uint64_t entry, enum pt_level level)
{
	if (!(entry & PT_PRESENT))
		return KIND_ABSENT;
	if (!pt_entry_is_leaf(entry, level))
		return KIND_TABLE;
	return level == PT_PTE ? KIND_PAGE : KIND_LARGE;
}

uint64_t pt_entry_reserved(const struct pt_format *format, uint64_t entry,
			   enum pt_level level)
{
	uint64_t reserved = 0;

	if (format->phys_bits < 52)
		reserved |= ADDRESS_FIELD & ~((1ULL << format->phys_bits) - 1);
	if (format->no_nx)
		reserved |= PT_NX;
	if (level > PT_PUD)
		reserved |= PT_PSE;
	else if (level > PT_PTE && entry & PT_PSE)
		/* From above the PAT bit up to the page's own address bits. */
		reserved |= (pt_level_span(level) - 1) & ADDRESS_FIELD &
			    ~(1ULL << PAGE_SHIFT);
	return entry & reserved & ~format->enc_mask;
}

uint64_t pt_entry_pa(const struct pt_format *format, uint64_t entry, enum pt_level level)
{
	uint64_t mask = format->pa_mask & ADDRESS_FIELD & ~format->enc_mask;

	if (pt_entry_is_leaf(entry, level))
		mask &= ~(pt_level_span(level) - 1);
	return entry & mask;
}

unsigned pt_entry_pat(uint64_t entry, enum pt_level level)
{
	unsigned pat_bit = level == PT_PTE ? 7 : 12;

	return (entry >> pat_bit & 1) << 2 | (entry >> 4 & 1) << 1 | (entry >> 3 & 1);
}

size_t pt_entry_flags(const struct pt_format *format, uint64_t entry, enum pt_level level,
		      struct pt_flag flags[PT_MAX_FLAGS])
{
	enum kind kind = kind_of(entry, level);
	size_t nr = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t bit = 1ULL << names[i].bit;

		if (entry & bit && names[i].kinds & kind && nr < PT_MAX_FLAGS)
			flags[nr++] = (struct pt_flag){.bit = bit, .name = names[i].name};
	}
	if (kind != KIND_ABSENT && format->enc_mask && entry & format->enc_mask &&
	    nr < PT_MAX_FLAGS)
		flags[nr++] = (struct pt_flag){.bit = format->enc_mask,
					       .name = "ENCRYPTED"};
	if (kind != KIND_ABSENT && pt_entry_reserved(format, entry, level) &&
	    nr < PT_MAX_FLAGS)
		flags[nr++] = (struct pt_flag){
			.bit = pt_entry_reserved(format, entry, level),
			.name = "RESERVED",
		};
	return nr;
}
