/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One instruction as data: its operation, registers, operands and flags. */
#ifndef KWCHECK_INSN_INSN_H
#define KWCHECK_INSN_INSN_H

#include <stdbool.h>
#include <stdint.h>

#include "kcore/x86.h"

enum insn_op {
	/* These two write the registers of clobbers. The values are not known. */
	INSN_NEUTRAL = 0, /* leaves the flags alone */
	INSN_OTHER,	  /* writes the flags, too */
	INSN_MOV,	  /* dst = src; also movzx */
	INSN_MOVSX,	  /* dst = src, sign-extended from src_bytes */
	INSN_LEA,
	INSN_ADD,
	INSN_SUB,
	INSN_AND,
	INSN_OR,
	INSN_XOR,
	INSN_SHL,
	INSN_SHR,
	INSN_SAR,
	INSN_IMUL, /* dst = src * imm, or dst *= src */
	INSN_BTC,
	INSN_BTR,
	INSN_BTS,
	INSN_CMP,
	INSN_TEST,
	INSN_CMOV,
	INSN_XCHG,
	INSN_PUSH,
	INSN_POP,
	INSN_LEAVE,
	INSN_CALL, /* imm: the target; indirect: src, or memory */
	INSN_JMP,
	INSN_JCC, /* condition: as in the opcode, 0..15 */
	INSN_RET,
	INSN_TRAP,   /* ud1, ud2, int3, hlt: goes on only after a WARN */
	INSN_STRING, /* movs, stos: writes from rdi up */
	INSN_FROM_CR0,
	INSN_TO_CR0,
	INSN_FROM_CR3,
	INSN_FROM_IDTR, /* sidt */
	INSN_FROM_MSR,	/* rdmsr */
	INSN_TO_CR4,
	INSN_CLAC_STAC,
};

/* What an operand is, if it is no register. */
enum { INSN_NO_REGISTER = X86_NR_REGISTERS, INSN_IMMEDIATE, INSN_MEMORY };

enum insn_flag {
	INSN_READS = 1 << 0,   /* the memory operand */
	INSN_WRITES = 1 << 1,  /* the memory operand */
	INSN_SEGMENT = 1 << 2, /* fs: or gs: the address is an offset in a per-CPU area */
	INSN_REP = 1 << 3,
	INSN_HIGH_BYTE = 1 << 4,   /* ah, bh, ch, dh: the value is not followed */
	INSN_LEADER = 1 << 5,	   /* control may come here from elsewhere */
	INSN_FUNCTION = 1 << 6,	   /* a function starts here */
	INSN_WARN = 1 << 7,	   /* a trap that the kernel returns from */
	INSN_SITE = 1 << 8,	   /* a static branch may go from here elsewhere */
	INSN_VISITED = 1 << 9,	   /* the dataflow has been here */
	INSN_STRAY = 1 << 10,	   /* a relocated operand outside its symbol's section */
	INSN_UNRESOLVED = 1 << 11, /* a relocated operand whose symbol nobody has */
	INSN_ENTERED = 1 << 13,	   /* more than direct jumps and calls lead here */
	INSN_PART = 1 << 14,	   /* a function's .cold part starts here */
	INSN_THREE = 1 << 15,	   /* dst = src, operated on with the immediate */
};

struct insn {
	uint32_t offset;      /* in its section */
	uint32_t disp_symbol; /* of a relocated displacement; 0: none */
	uint32_t imm_symbol;  /* of a relocated immediate or branch; 0: none */
	uint16_t flags;	      /* enum insn_flag */
	uint16_t clobbers;    /* registers written, bit n for register n */
	int64_t disp;	      /* is added to base and index; the address if neither is */
	int64_t imm;	      /* or a direct branch's target */
	uint8_t op;	      /* enum insn_op */
	uint8_t bytes;	      /* its length */
	/* A register, INSN_IMMEDIATE, INSN_MEMORY or INSN_NO_REGISTER. */
	uint8_t dst, src;
	uint8_t base, index, scale; /* of the memory operand */
	uint8_t mem_bytes;	    /* likewise; 0: unknown or longer than 255 */
	uint8_t width, src_bytes;   /* of the operation, of its source */
	uint8_t condition;	    /* as in the opcode, 0 to 15; or another */
};

/* Does @op read or write what only the kernel's own code ought to ask of the CPU? */
static inline bool insn_is_control(enum insn_op op)
{
	return op >= INSN_FROM_CR0 && op <= INSN_FROM_MSR;
}

/* Is @n in the upper half, and no small negative number? */
static inline bool insn_is_address(uint64_t n)
{
	return n >> 63 && n < (uint64_t)-4096;
}

#endif
