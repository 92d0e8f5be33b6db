/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A placed module's instructions, decoded once, reduced to what the dataflow asks. */
#ifndef KWCHECK_INSN_CODE_H
#define KWCHECK_INSN_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/modimage.h"

enum code_op {
	/* Writes the registers of clobbers, nothing known of the values: */
	CODE_NEUTRAL = 0, /* and leaves the flags */
	CODE_OTHER,	  /* and them, too */
	CODE_MOV,	  /* dst = src; also movzx */
	CODE_MOVSX,	  /* dst = src, sign-extended from src_bytes */
	CODE_LEA,
	CODE_ADD,
	CODE_SUB,
	CODE_AND,
	CODE_OR,
	CODE_XOR,
	CODE_SHL,
	CODE_SHR,
	CODE_SAR,
	CODE_IMUL, /* dst = src * imm, or dst *= src */
	CODE_BTC,
	CODE_BTR,
	CODE_BTS,
	CODE_CMP,
	CODE_TEST,
	CODE_CMOV,
	CODE_XCHG,
	CODE_PUSH,
	CODE_POP,
	CODE_LEAVE,
	CODE_CALL, /* imm: the target; indirect: src, or memory */
	CODE_JMP,
	CODE_JCC, /* condition: as in the opcode, 0..15 */
	CODE_RET,
	CODE_TRAP,   /* ud1, ud2, int3, hlt: goes on only after a WARN */
	CODE_STRING, /* movs, stos: writes from rdi up */
	CODE_FROM_CR0,
	CODE_TO_CR0,
	CODE_FROM_CR3,
	CODE_FROM_IDTR, /* sidt */
	CODE_FROM_MSR,	/* rdmsr */
	CODE_TO_CR4,
	CODE_CLAC_STAC,
};

/* Register numbers as the CPU encodes them: rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5,
 * rsi 6, rdi 7, r8 .. r15.
 */
enum {
	CODE_RAX = 0,
	CODE_RCX,
	CODE_RDX,
	CODE_RBX,
	CODE_RSP,
	CODE_RBP,
	CODE_RSI,
	CODE_RDI
};
enum { CODE_NR_REGISTERS = 16, CODE_NO_REGISTER = 0x10, CODE_IMMEDIATE, CODE_MEMORY };

enum code_flag {
	CODE_READS = 1 << 0,   /* the memory operand */
	CODE_WRITES = 1 << 1,  /* the memory operand */
	CODE_SEGMENT = 1 << 2, /* fs: or gs: the address is an offset in a per-CPU area */
	CODE_REP = 1 << 3,
	CODE_HIGH_BYTE = 1 << 4,   /* ah, bh, ch, dh: the value is not followed */
	CODE_LEADER = 1 << 5,	   /* control may come here from elsewhere */
	CODE_FUNCTION = 1 << 6,	   /* a function starts here */
	CODE_WARN = 1 << 7,	   /* a trap that the kernel returns from */
	CODE_SITE = 1 << 8,	   /* a static branch may go from here elsewhere */
	CODE_VISITED = 1 << 9,	   /* the dataflow has been here */
	CODE_STRAY = 1 << 10,	   /* a relocated operand outside its symbol's section */
	CODE_UNRESOLVED = 1 << 11, /* a relocated operand whose symbol nobody has */
	CODE_LOCK = 1 << 12,
	CODE_THREE = 1 << 15,	/* dst = src, operated on with the immediate */
	CODE_PART = 1 << 14,	/* a function's .cold part starts here */
	CODE_ENTERED = 1 << 13, /* something but a direct jump or call knows this place */
};

/* To do with what only the kernel's own code ought to ask of the CPU. */
static inline bool code_is_control(enum code_op op)
{
	return op >= CODE_FROM_CR0 && op <= CODE_FROM_MSR;
}

/* In the upper half, and no small negative number. */
static inline bool code_is_address(uint64_t n)
{
	return n >> 63 && n < (uint64_t)-4096;
}

struct insn {
	uint32_t offset;      /* in its section */
	uint32_t disp_symbol; /* of a relocated displacement; 0: none */
	uint32_t imm_symbol;  /* of a relocated immediate or branch; 0: none */
	uint16_t flags;
	uint16_t clobbers; /* registers written, bit n for register n */
	int64_t disp;	   /* what is added to base and index; the address if neither */
	int64_t imm;	   /* or a direct branch's target */
	uint8_t op;	   /* enum code_op */
	uint8_t bytes;	   /* its length */
	/* A register, CODE_IMMEDIATE, CODE_MEMORY or CODE_NO_REGISTER. */
	uint8_t dst, src;
	uint8_t base, index, scale; /* of the memory operand */
	uint8_t mem_bytes;	    /* likewise; 0: unknown or longer than 255 */
	uint8_t width, src_bytes;   /* of the operation, of its source */
	uint8_t condition;	    /* as in the opcode, 0 to 15; or another */
};

struct forms;

/* Where an instruction starts. */
struct code_start {
	uint32_t offset; /* in its section */
	uint32_t entry;	 /* its form's, see forms.h */
};

/* One relocation. */
struct code_fixup {
	uint32_t offset, symbol;
};

/* Of CODE_INDEX_BYTES of code: where instructions start, and where relocations are. */
struct code_index {
	uint64_t starts;	/* bit n: one at byte n */
	uint64_t fixups;	/* likewise */
	uint32_t starts_before; /* how many before the first of these bytes */
	uint32_t fixups_before;
};

enum { CODE_INDEX_BYTES = 64 };

struct code_section {
	size_t section;
	uint64_t va, size_bytes;
	const unsigned char *image; /* its bytes, as they were loaded */
	const struct modimage *mod;
	const struct forms *forms;
	struct code_start *starts; /* ascending by offset */
	size_t nr_insns;
	struct code_index *index;  /* size_bytes / CODE_INDEX_BYTES + 1 of them */
	struct code_fixup *fixups; /* ascending by offset */
	size_t nr_fixups;
	uint16_t *marks; /* flags that instruction n has beside those of its form */
	/* Bit n of these: instruction n ... */
	uint64_t *bitmaps;   /* all of them */
	uint64_t *functions; /* is where a function, or its .cold part, starts */
	uint64_t *branches;  /* is a direct branch or call */
	uint64_t *crossings; /* is one that may leave its function */
	uint64_t *looks;     /* has an address, or to do with rsp or a control register */
	uint64_t *notable;   /* is notable, see code_next_notable() */
	uint64_t *quiet;     /* is notable and quiet, see quiet.h */
	uint64_t *filled;    /* is there: insns[n], see code_insn() */
	struct insn *insns;
};

/* Instruction number i, as it was read. */
struct code_site {
	const struct code_section *section;
	size_t i;
	const struct insn *insn;
};

/* A place that a static branch (__jump_table) may go to from another. */
struct code_edge {
	uint64_t from, to;
};

struct code {
	const struct modimage *mod;
	struct code_section *sections;
	size_t nr_sections;
	struct code_edge *edges; /* ascending by from */
	size_t nr_edges;
	size_t nr_insns, nr_undecoded;
	size_t nr_bad_targets; /* branches into the middle of an instruction */
	bool has_unnamed;      /* functions without a symbol: all branches may leave */
};

/* code_decode - all executable sections of a loaded @mod (relocate_load() has run)
 * @forms: of instructions met before; grows. Returns 0 or -ENOMEM.
 */
int code_decode(struct code *ret, const struct modimage *mod, struct forms *forms);
void code_close(struct code *code);

static inline bool code_has(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static inline void code_set(uint64_t *bits, size_t i)
{
	bits[i / 64] |= 1ULL << i % 64;
}

void code_fill(const struct code_section *section, size_t i);

/* The instruction of that number in @section, which is read once somebody asks: of most
 * nobody does.
 */
static inline struct insn *code_insn(const struct code_section *section, size_t i)
{
	if (!code_has(section->filled, i))
		code_fill(section, i);
	return &section->insns[i];
}

/* The same for one look, in *@scratch if it is not there. */
const struct insn *code_peek(const struct code_section *section, size_t i,
			     struct insn *scratch);

/* The section that @va lies in, or NULL. */
const struct code_section *code_section_of(const struct code *code, uint64_t va);

/* The number of the instruction that starts at @va in *@section. false: none does. */
bool code_find(const struct code *code, uint64_t va, const struct code_section **section,
	       size_t *number);

/* The instruction that starts at @va, or NULL. *@section: where it lies. */
struct insn *code_at(const struct code *code, uint64_t va,
		     const struct code_section **section);

/* How many bits of @bits are set below bit @i. */
static inline unsigned code_count(uint64_t bits, unsigned i)
{
	bits &= (1ULL << i) - 1;
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned)(bits * 0x0101010101010101 >> 56);
}

static inline uint64_t code_va(const struct code_section *section,
			       const struct insn *insn)
{
	return section->va + insn->offset;
}

/* The first bit that is set, from number @i, before number @end; @end: none is. */
static inline size_t code_next(const uint64_t *bits, size_t i, size_t end)
{
	while (i < end) {
		uint64_t rest = bits[i / 64] >> i % 64;

		if (rest) {
			i += (size_t)__builtin_ctzll(rest);
			return i < end ? i : end;
		}
		i = (i / 64 + 1) * 64;
	}
	return end;
}

/* code_next_notable - the first instruction at or behind number @i, before number @end,
 * that something can begin at: a branch or an end, a place where a function starts or the
 * one before it, a static branch, anything that may have an address or has to do with a
 * control register or the stack's address. @end: there is none. It is one in four, and
 * the last of every section.
 */
static inline size_t code_next_notable(const struct code_section *section, size_t i,
				       size_t end)
{
	return code_next(section->notable, i, end);
}

/* Likewise the last one before number @end, at or behind number @i; @end: none. */
static inline size_t code_last_notable(const struct code_section *section, size_t i,
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

/* The number of the instruction that byte @offset of @section belongs to. false: none. */
bool code_covers(const struct code_section *section, uint64_t offset, size_t *ret);

/* The number of the first static branch at or above @va. */
size_t code_first_edge(const struct code *code, uint64_t va);

/* Where the static branch at @va may go; NULL: there is none. */
const struct code_edge *code_edge_from(const struct code *code, uint64_t va);

/* Is this section data that only the kernel's own machinery reads (unwind tables,
 * call-site lists)? A reference from there makes nothing reachable.
 */
bool code_is_metadata(const char *section_name);

#endif
