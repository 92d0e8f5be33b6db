/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A section of a laid-out module's code: its instructions, and bitmaps over them. */
#ifndef KWCHECK_INSN_SECTION_H
#define KWCHECK_INSN_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/forms.h"
#include "insn/insn.h"
#include "module/modimage.h"

/* Where an instruction starts. */
struct code_start {
	uint32_t offset; /* in its section */
	uint32_t entry;	 /* its form's, see forms.h */
};

/* One relocation. */
struct code_fixup {
	uint32_t offset, symbol;
};

/* Of SECTION_INDEX_BYTES of code: where instructions start, and where relocations are. */
struct code_index {
	uint64_t starts;	/* bit n: an instruction starts at byte n */
	uint64_t fixups;	/* bit n: a relocation is at byte n */
	uint32_t starts_before; /* how many before the first of these bytes */
	uint32_t fixups_before;
};

enum { SECTION_INDEX_BYTES = 64 };

struct code_section {
	size_t section; /* its number in the file */
	uint64_t va, size_bytes;
	const unsigned char *image; /* its bytes, as they were loaded */
	const struct modimage *mod;
	const struct forms *forms;
	struct code_start *starts; /* ascending by offset */
	size_t nr_insns;
	struct code_index *index;  /* size_bytes / SECTION_INDEX_BYTES + 1 of them */
	struct code_fixup *fixups; /* ascending by offset */
	size_t nr_fixups;
	uint16_t *marks; /* flags that instruction n has beside those of its form */
	/* Bit n of each bitmap says that instruction n ... */
	uint64_t *bitmaps;   /* (the memory of all of them) */
	uint64_t *functions; /* is where a function, or its .cold part, starts */
	uint64_t *branches;  /* is a direct branch or call */
	uint64_t *crossings; /* is a direct branch that may leave its function */
	uint64_t *looks;     /* has an address, or to do with rsp or a control register */
	uint64_t *notable;   /* is notable, see section_next_notable() */
	uint64_t *pruned;    /* is notable and pruned, see dataflow/prune.h */
	uint64_t *filled;    /* has been read into insns[n], see expand_insn() */
	struct insn *insns;
};

/* Instruction number i, as it was read. */
struct code_site {
	const struct code_section *section;
	size_t i;
	const struct insn *insn;
};

/* The number of the instruction that starts at byte @offset, which lies in @section.
 * false: none does.
 */
bool section_find(const struct code_section *section, uint64_t offset, size_t *ret);

/* The number of the instruction that byte @offset of @section belongs to. false: none. */
bool section_covers(const struct code_section *section, uint64_t offset, size_t *ret);

static inline uint64_t section_va(const struct code_section *section,
				  const struct insn *insn)
{
	return section->va + insn->offset;
}

static inline bool section_has(const uint64_t *bitmap, size_t i)
{
	return bitmap[i / 64] >> i % 64 & 1;
}

static inline void section_set(uint64_t *bitmap, size_t i)
{
	bitmap[i / 64] |= 1ULL << i % 64;
}

/* How many bits of @bits are set below bit @i. */
static inline unsigned section_count(uint64_t bits, unsigned i)
{
	bits &= (1ULL << i) - 1;
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned)(bits * 0x0101010101010101 >> 56);
}

/* The first bit that is set, from number @i, before number @end; @end: none is. */
static inline size_t section_next(const uint64_t *bitmap, size_t i, size_t end)
{
	while (i < end) {
		uint64_t rest = bitmap[i / 64] >> i % 64;

		if (rest) {
			i += (size_t)__builtin_ctzll(rest);
			return i < end ? i : end;
		}
		i = (i / 64 + 1) * 64;
	}
	return end;
}

/* section_next_notable - the first notable instruction from number @i, before number @end
 *
 * An instruction is notable if something can begin at it: a branch or an end, a place
 * where a function starts or the one before it, a static branch, anything that may have
 * an address or has to do with a control register or the stack's address. One instruction
 * in four is notable, and the last of every section. @end: there is none.
 */
static inline size_t section_next_notable(const struct code_section *section, size_t i,
					  size_t end)
{
	return section_next(section->notable, i, end);
}

/* The last notable instruction before number @end, from number @i; @end: none. */
static inline size_t section_last_notable(const struct code_section *section, size_t i,
					  size_t end)
{
	size_t none = end;

	while (end > i) {
		uint64_t rest = section->notable[(end - 1) / 64] << (63 - (end - 1) % 64);

		if (rest) {
			end -= (size_t)__builtin_clzll(rest) + 1;
			return end >= i ? end : none;
		}
		end = (end - 1) / 64 * 64;
	}
	return none;
}

#endif
