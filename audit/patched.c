/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few instructions that the kernel itself patches into its text: at the start of a
 * function, and where a static call or a static key is.
 */
#include "audit/patched.h"

#include <string.h>

/* What the kernel itself puts there: arch/x86/include/asm/nops.h and
 * arch/x86/kernel/static_call.c; operands of calls and jumps follow the opcode.
 */
static const struct {
	enum patched_kind kind;
	unsigned length;
	unsigned char nr_bytes;
	unsigned char bytes[5];
} forms[] = {
	{PATCHED_NOP, 5, 5, {0x0f, 0x1f, 0x44, 0x00, 0x00}},
	{PATCHED_NOP, 5, 5, {0x66, 0x66, 0x66, 0x66, 0x90}}, /* K8 style, 4.19 to 5.12 */
	{PATCHED_NOP, 2, 2, {0x66, 0x90}},
	{PATCHED_ZERO, 5, 5, {0x2e, 0x2e, 0x2e, 0x31, 0xc0}},
	{PATCHED_ZERO, 5, 5, {0x66, 0x66, 0x48, 0x31, 0xc0}}, /* 5.11 to 6.0 */
	{PATCHED_CALL, 5, 1, {0xe8}},
	{PATCHED_JUMP, 5, 1, {0xe9}},
	{PATCHED_JUMP, 2, 1, {0xeb}},
	{PATCHED_RETURN, 1, 1, {0xc3}},
	{PATCHED_BREAKPOINT, 1, 1, {0xcc}},
};

static const unsigned char endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
static const unsigned char sealed_endbr[][4] = {
	{0x66, 0x0f, 0x1f, 0x00}, /* 5.18 */
	{0x0f, 0x1f, 0x40, 0xd6}, /* 6.16 */
};

struct patched patched_decode(const unsigned char bytes[PATCHED_BYTES], uint64_t va)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct patched code = {.kind = forms[i].kind, .length = forms[i].length};
		int32_t rel32;

		if (memcmp(bytes, forms[i].bytes, forms[i].nr_bytes) != 0)
			continue;
		if (code.kind != PATCHED_CALL && code.kind != PATCHED_JUMP)
			return code;
		memcpy(&rel32, bytes + 1, sizeof(rel32));
		code.target = va + code.length +
			      (uint64_t)(int64_t)(code.length == 2 ? (int8_t)bytes[1]
								   : rel32);
		return code;
	}
	return (struct patched){.kind = PATCHED_OTHER};
}

unsigned patched_skip_endbr(const unsigned char bytes[PATCHED_BYTES])
{
	if (memcmp(bytes, endbr64, sizeof(endbr64)) == 0)
		return sizeof(endbr64);
	for (size_t i = 0; i < sizeof(sealed_endbr) / sizeof(sealed_endbr[0]); i++)
		if (memcmp(bytes, sealed_endbr[i], sizeof(sealed_endbr[i])) == 0)
			return sizeof(sealed_endbr[i]);
	return 0;
}
