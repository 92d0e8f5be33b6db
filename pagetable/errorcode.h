/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bits of a page fault's error code. Intel SDM vol. 3A 4.7, AMD APM vol. 2 8.4.2,
 * arch/x86/include/asm/trap_pf.h.
 */
#ifndef KWCHECK_PAGETABLE_ERRORCODE_H
#define KWCHECK_PAGETABLE_ERRORCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum errorcode_bit {
	ERRORCODE_P = 0,
	ERRORCODE_W = 1,
	ERRORCODE_U = 2,
	ERRORCODE_RSVD = 3,
	ERRORCODE_I = 4,
	ERRORCODE_PK = 5,
	ERRORCODE_SS = 6,
	ERRORCODE_HLAT = 7,
	ERRORCODE_SGX = 15,
	ERRORCODE_RMP = 31,
};

enum errorcode_access { ERRORCODE_READ = 0, ERRORCODE_WRITE, ERRORCODE_FETCH };

struct errorcode_flag {
	enum errorcode_bit bit;
	const char *name;    /* "P" */
	const char *meaning; /* of the bit as it is in this code */
};

enum { ERRORCODE_MAX_FLAGS = 10 };

static inline bool errorcode_has(uint64_t code, enum errorcode_bit bit)
{
	return code >> bit & 1;
}

enum errorcode_access errorcode_access(uint64_t code);

/* errorcode_flags - what each bit says
 * P, W and U say something when clear, too; the others are given where they are set.
 * Returns how many were written.
 */
size_t errorcode_flags(uint64_t code, struct errorcode_flag flags[ERRORCODE_MAX_FLAGS]);

/* Bits that have no meaning known here. */
uint64_t errorcode_unknown(uint64_t code);

/* "read", "write", "fetch". */
const char *errorcode_access_name(enum errorcode_access access);

#endif
