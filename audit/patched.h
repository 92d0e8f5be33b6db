/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few instructions that the kernel itself patches into its text: at the start of a
 * function, and where a static call or a static key is.
 */
#ifndef KWCHECK_AUDIT_PATCHED_H
#define KWCHECK_AUDIT_PATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum patched_kind {
	PATCHED_OTHER = 0,  /* any other instruction */
	PATCHED_NOP,	    /* one that fills the whole place */
	PATCHED_CALL,	    /* e8 rel32, or an indirect call's direct form */
	PATCHED_JUMP,	    /* e9 rel32, eb rel8 */
	PATCHED_RETURN,	    /* c3 */
	PATCHED_BREAKPOINT, /* cc: a kprobe, or text that is being patched */
	PATCHED_ZERO, /* xor %eax,%eax with prefixes: a call to a function that returns 0
		       */
};

struct patched {
	enum patched_kind kind;
	uint64_t target; /* of a call or jump */
	unsigned length; /* bytes; of PATCHED_OTHER 0 */
};

/* Bytes that patched_decode() may look at. */
enum { PATCHED_BYTES = 8 };

/* What the first instruction of @bytes, which lies at @va, is. */
struct patched patched_decode(const unsigned char bytes[PATCHED_BYTES], uint64_t va);

/* The length of a leading endbr64, or of the nop that took its place
 * (arch/x86/kernel/alternative.c: seal_endbr): 4; 0: there is neither. ftrace and kprobes
 * patch what follows.
 */
unsigned patched_skip_endbr(const unsigned char bytes[PATCHED_BYTES]);

#endif
