/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The faulting instruction: decoded from the Code: bytes, its operands filled in from the
 * register dump.
 */
#ifndef KWCHECK_OOPS_INSTRUCTION_H
#define KWCHECK_OOPS_INSTRUCTION_H

#include <string.h>

#include "oops/crash.h"

enum {
	INSTRUCTION_TEXT_BYTES = 96,
	INSTRUCTION_MAX_OPERANDS = 6,
	INSTRUCTION_MAX_BEFORE = 4,
	INSTRUCTION_MAX_AFTER = 2,
};

/* One register or constant that goes in. */
struct instruction_operand {
	char name[16]; /* "rcx"; "" for a constant */
	bool has_value;
	uint64_t value;
};

struct instruction_memory {
	bool is_read, is_write;
	unsigned size_bytes; /* 0: not known */
	bool has_address;
	uint64_t address;
	char expression[48]; /* "rax+0x18" */
};

/* How the memory operand stands to the address that faulted. */
enum instruction_match {
	INSTRUCTION_UNCHECKED = 0, /* a register is missing, or no address is known */
	INSTRUCTION_AGREES,	   /* the access covers the address */
	INSTRUCTION_DISAGREES,	   /* registers and bytes are not of this fault */
	/* The CPU's own access on behalf of the instruction, which no operand shows: of
	 * a descriptor table, or a push of what it enters.
	 */
	INSTRUCTION_IMPLICIT,
};

struct instruction {
	char text[INSTRUCTION_TEXT_BYTES];
	unsigned size_bytes;
	bool has_memory; /* the access that faulted, of several the fitting one */
	struct instruction_memory memory;
	enum instruction_match match;
	bool has_source; /* what a store stores */
	struct instruction_operand source;
	/* Registers read, address parts among them. */
	struct instruction_operand operands[INSTRUCTION_MAX_OPERANDS];
	size_t nr_operands;
	bool is_branch; /* call, jump or return */
	bool is_return;
	bool is_hypercall;  /* vmcall or vmmcall */
	bool is_privileged; /* or may be so made, as rdpmc */
	/* KASAN's check: the operand is the shadow of this address. */
	bool is_shadow_check;
	uint64_t shadowed;
	/* mov to CR0, and what it was to become. */
	bool is_cr0_write, has_cr0_value;
	uint64_t cr0_value;
	/* Of a RIP-relative access the fault's address tells where the code ran. */
	bool has_rip;
	uint64_t rip;
	/* Where the bytes before begin is not in the log: their split is a guess. */
	char before[INSTRUCTION_MAX_BEFORE][INSTRUCTION_TEXT_BYTES];
	size_t nr_before;
	char after[INSTRUCTION_MAX_AFTER][INSTRUCTION_TEXT_BYTES];
	size_t nr_after;
};

/* instruction_decode - the instruction at the mark of @code, in @crash's circumstances
 * @code: the log's, or a module file's, whose relocated fields are empty:
 * @is_relocated is false then, and what depends on such a field is left unknown.
 * Returns 0, -ENODATA where the log has no bytes there, -EINVAL where they are no whole
 * instruction, -EILSEQ where they may be of 32-bit code as well, -ENOSYS where kwcheck
 * was built without Zydis.
 */
int instruction_decode(const struct crash *crash, const struct crash_code *code,
		       bool is_relocated, struct instruction *ret);

/* A push, call or store to the function's own frame? @in: may be NULL. */
static inline bool instruction_stores_to_stack(const struct instruction *in)
{
	return in && in->has_memory && in->memory.is_write && in->memory.has_address &&
	       strncmp(in->memory.expression, "rsp", 3) == 0;
}

/* instruction_size - bytes of the instruction at the mark, 0 where there is none */
size_t instruction_size(const struct crash_code *code);

#endif
