/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register dump of a crash: arch/x86/kernel/process_64.c:__show_regs(). */
#ifndef KWCHECK_OOPS_REGISTERS_H
#define KWCHECK_OOPS_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first sixteen in the order that instructions number them. */
enum register_name {
	REGISTER_RAX = 0,
	REGISTER_RCX,
	REGISTER_RDX,
	REGISTER_RBX,
	REGISTER_RSP,
	REGISTER_RBP,
	REGISTER_RSI,
	REGISTER_RDI,
	REGISTER_R8,
	REGISTER_R9,
	REGISTER_R10,
	REGISTER_R11,
	REGISTER_R12,
	REGISTER_R13,
	REGISTER_R14,
	REGISTER_R15,
	REGISTER_EFLAGS,
	REGISTER_FS, /* bases, not selectors */
	REGISTER_GS,
	REGISTER_CR0,
	REGISTER_CR2, /* as it was when the dump was printed: see crash.h */
	REGISTER_CR3,
	REGISTER_CR4,
	REGISTER_NR,
};

struct registers {
	uint64_t value[REGISTER_NR];
	uint32_t known; /* bit REGISTER_x: value[x] is in the log */
};

/* registers_scan - the registers that one line of the dump gives, if it is one
 * A value that is not of full width is left out. Of two values of one register the first
 * counts. Returns whether the line was one.
 */
bool registers_scan(const char *line, struct registers *registers);

/* registers_line - which line of the dump that is, 0 for the first, or -1 */
int registers_line(const char *line);

static inline bool registers_has(const struct registers *registers,
				 enum register_name name)
{
	return registers->known >> name & 1;
}

/* "rax", ... */
const char *registers_name(enum register_name name);

#endif
