/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions that compare type hashes before an indirect call, with kCFI. */
#ifndef KWCHECK_KCORE_KCFICHECK_H
#define KWCHECK_KCORE_KCFICHECK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	KCFICHECK_BYTES = 14, /* with the trap */
	/* Where the trap is: ud2, or the second byte of test $0xd6, %al, which is udb. */
	KCFICHECK_UD2 = 12,
	KCFICHECK_UDB = 13,
};

struct kcficheck {
	uint32_t type;	      /* the hash that the caller wants */
	unsigned register_nr; /* which has the function's address: enum x86_register */
	int8_t type_at;	      /* where the function's own hash lies, from its address */
	unsigned trap_at;     /* KCFICHECK_UD2, or KCFICHECK_UDB */
};

/* kcficheck_read - mov $-hash, %r10d; add type_at(%reg), %r10d; je 1f; ud2; 1:
 * or, as kernels write it anew since 6.16, jne .+3; test $0xd6, %al
 * @bytes: KCFICHECK_BYTES of them. Documentation of clang: -fsanitize=kcfi;
 * arch/x86/kernel/alternative.c:cfi_enable_callers(). false: they are something else.
 */
bool kcficheck_read(const unsigned char *bytes, struct kcficheck *ret);

#endif
