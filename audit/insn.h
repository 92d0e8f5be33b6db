/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of a function, and the patched bytes of calls and jumps. */
#ifndef KWCHECK_AUDIT_INSN_H
#define KWCHECK_AUDIT_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_kind {
	INSN_OTHER = 0,	 /* any other instruction */
	INSN_NOP,	 /* one that fills the whole place */
	INSN_CALL,	 /* e8 rel32, or an indirect call's direct form */
	INSN_JUMP,	 /* e9 rel32, eb rel8 */
	INSN_RETURN,	 /* c3 */
	INSN_BREAKPOINT, /* cc: a kprobe, or text that is being patched */
	INSN_ZERO, /* xor %eax,%eax with prefixes: a call to a function that returns 0 */
};

struct insn {
	enum insn_kind kind;
	uint64_t target; /* of a call or jump */
	unsigned length; /* bytes; of INSN_OTHER 0 */
};

/* Bytes that insn_decode() may look at. */
enum { INSN_BYTES = 8 };

/* What the first instruction of @bytes, which lies at @va, is. */
struct insn insn_decode(const unsigned char bytes[INSN_BYTES], uint64_t va);

/* Offset of the place after a leading endbr64, or after the nop that took its place
 * (arch/x86/kernel/alternative.c: seal_endbr): 4, else 0. ftrace and kprobes sit there.
 */
unsigned insn_skip_endbr(const unsigned char bytes[INSN_BYTES]);

#endif
