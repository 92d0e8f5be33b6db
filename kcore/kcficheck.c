/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions that compare type hashes before an indirect call, with kCFI. */
#include "kcore/kcficheck.h"

#include <string.h>

#include "kcore/x86.h"

/* Where the trap is; 0: it is none. */
static unsigned find_trap(const unsigned char *bytes)
{
	static const unsigned char udb[] = {0x75, 0x01, 0xa8, 0xd6};

	if (bytes[10] == 0x74 && bytes[12] == 0x0f && bytes[13] == 0x0b)
		return KCFICHECK_UD2;
	return memcmp(bytes + 10, udb, sizeof(udb)) == 0 ? KCFICHECK_UDB : 0;
}

bool kcficheck_read(const unsigned char *bytes, struct kcficheck *ret)
{
	unsigned rm = bytes[8] & 7, trap_at = find_trap(bytes);
	uint32_t negative;

	/* The add has a REX prefix, a ModRM of r10d and 8 bits of displacement; with rsp
	 * or r12 it would be longer.
	 */
	if (bytes[0] != 0x41 || bytes[1] != 0xba || (bytes[6] & 0xf4) != 0x44 ||
	    bytes[7] != 0x03 || (bytes[8] & 0xf8) != 0x50 || rm == X86_RSP || !trap_at)
		return false;
	memcpy(&negative, bytes + 2, sizeof(negative));
	*ret = (struct kcficheck){
		.type = -negative,
		.register_nr = rm | (bytes[6] & 1 ? 8U : 0U),
		.type_at = (int8_t)bytes[9],
		.trap_at = trap_at,
	};
	return true;
}
