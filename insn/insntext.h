/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instruction in words. */
#ifndef KWCHECK_INSN_INSNTEXT_H
#define KWCHECK_INSN_INSNTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INSNTEXT_BYTES = 128 };

struct insntext {
	char words[INSNTEXT_BYTES]; /* Intel's syntax */
	unsigned size_bytes;
	bool has_target; /* a direct branch's, or a RIP-relative operand's address */
	uint64_t target;
};

/* insntext_of - the instruction that @bytes, which lie at @va, begin with
 * false: they begin none, or more than @nr_bytes belong to it, or decode_missing() says
 * why.
 */
bool insntext_of(const unsigned char *bytes, size_t nr_bytes, uint64_t va,
		 struct insntext *ret);

#endif
