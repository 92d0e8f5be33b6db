/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of a function, and the patched bytes of calls and jumps. */
#include "audit/insn.h"

#include <string.h>

/* What the kernel itself puts there: arch/x86/include/asm/nops.h and
 * arch/x86/kernel/static_call.c; operands of calls and jumps follow the opcode.
 */
static const struct {
	enum insn_kind kind;
	unsigned length;
	unsigned char nr_bytes;
	unsigned char bytes[5];
} forms[] = {
	{INSN_NOP, 5, 5, {0x0f, 0x1f, 0x44, 0x00, 0x00}},
	{INSN_NOP, 5, 5, {0x66, 0x66, 0x66, 0x66, 0x90}}, /* K8 style, 4.19 to 5.12 */
	{INSN_NOP, 2, 2, {0x66, 0x90}},
	{INSN_ZERO, 5, 5, {0x2e, 0x2e, 0x2e, 0x31, 0xc0}},
	{INSN_ZERO, 5, 5, {0x66, 0x66, 0x48, 0x31, 0xc0}}, /* 5.11 to 6.0 */
	{INSN_CALL, 5, 1, {0xe8}},
	{INSN_JUMP, 5, 1, {0xe9}},
	{INSN_JUMP, 2, 1, {0xeb}},
	{INSN_RETURN, 1, 1, {0xc3}},
	{INSN_BREAKPOINT, 1, 1, {0xcc}},
};

static const unsigned char endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
static const unsigned char sealed_endbr[][4] = {
	{0x66, 0x0f, 0x1f, 0x00}, /* 5.18 */
	{0x0f, 0x1f, 0x40, 0xd6}, /* 6.16 */
};

struct insn insn_decode(const unsigned char bytes[INSN_BYTES], uint64_t va)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct insn code = {.kind = forms[i].kind, .length = forms[i].length};
		int32_t rel32;

		if (memcmp(bytes, forms[i].bytes, forms[i].nr_bytes) != 0)
			continue;
		if (code.kind != INSN_CALL && code.kind != INSN_JUMP)
			return code;
		memcpy(&rel32, bytes + 1, sizeof(rel32));
		code.target = va + code.length +
			      (uint64_t)(int64_t)(code.length == 2 ? (int8_t)bytes[1]
								   : rel32);
		return code;
	}
	return (struct insn){.kind = INSN_OTHER};
}

unsigned insn_skip_endbr(const unsigned char bytes[INSN_BYTES])
{
	if (memcmp(bytes, endbr64, sizeof(endbr64)) == 0)
		return sizeof(endbr64);
	for (size_t i = 0; i < sizeof(sealed_endbr) / sizeof(sealed_endbr[0]); i++)
		if (memcmp(bytes, sealed_endbr[i], sizeof(sealed_endbr[i])) == 0)
			return sizeof(sealed_endbr[i]);
	return 0;
}
