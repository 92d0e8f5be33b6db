/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of a function, and the patched bytes of calls and jumps. */
#ifndef KWCHECK_AUDIT_CODE_H
#define KWCHECK_AUDIT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum code_kind {
	CODE_OTHER = 0,	 /* any other instruction */
	CODE_NOP,	 /* one that fills the whole place */
	CODE_CALL,	 /* e8 rel32, or an indirect call's direct form */
	CODE_JUMP,	 /* e9 rel32, eb rel8 */
	CODE_RETURN,	 /* c3 */
	CODE_BREAKPOINT, /* cc: a kprobe, or text that is being patched */
	CODE_ZERO, /* xor %eax,%eax with prefixes: a call to a function that returns 0 */
};

struct code {
	enum code_kind kind;
	uint64_t target; /* of a call or jump */
	unsigned length; /* bytes; of CODE_OTHER 0 */
};

/* Bytes that code_decode() may look at. */
enum { CODE_BYTES = 8 };

/* What the first instruction of @bytes, which lies at @va, is. */
struct code code_decode(const unsigned char bytes[CODE_BYTES], uint64_t va);

/* Offset of the place after a leading endbr64, or after the nop that took its place
 * (arch/x86/kernel/alternative.c: seal_endbr): 4, else 0. ftrace and kprobes sit there.
 */
unsigned code_skip_endbr(const unsigned char bytes[CODE_BYTES]);

#endif
