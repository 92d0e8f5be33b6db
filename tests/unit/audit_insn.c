/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/insn.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint64_t VA = 0xffffffff81000000ULL;

static struct insn decode(const char *bytes, size_t nr)
{
	unsigned char room[INSN_BYTES] = {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90};

	memcpy(room, bytes, nr);
	return insn_decode(room, VA);
}

Test(audit_insn, what_the_kernel_patches_in)
{
	static const struct {
		const char *bytes;
		enum insn_kind kind;
		unsigned length;
		uint64_t target;
	} rows[] = {
		{"\x0f\x1f\x44\x00\x00", INSN_NOP, 5, 0},
		{"\x66\x66\x66\x66\x90", INSN_NOP, 5, 0},
		{"\x66\x90\xcc\xcc\xcc", INSN_NOP, 2, 0},
		{"\xe8\xfb\xff\xff\xff", INSN_CALL, 5, 0xffffffff81000000},
		{"\xe8\x00\x00\x00\x3f", INSN_CALL, 5, 0xffffffffc0000005},
		{"\xe9\xfb\xff\xff\x7e", INSN_JUMP, 5, 0},
		{"\xeb\x10\xcc\xcc\xcc", INSN_JUMP, 2, 0xffffffff81000012},
		{"\xeb\xf0\xcc\xcc\xcc", INSN_JUMP, 2, 0xffffffff80fffff2},
		{"\xc3\xcc\xcc\xcc\xcc", INSN_RETURN, 1, 0},
		{"\xcc\x1f\x44\x00\x00", INSN_BREAKPOINT, 1, 0},
		{"\x2e\x2e\x2e\x31\xc0", INSN_ZERO, 5, 0},
		{"\x66\x66\x48\x31\xc0", INSN_ZERO, 5, 0},
		{"\x55\x48\x89\xe5\x53", INSN_OTHER, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct insn code = decode(rows[i].bytes, 5);

		cr_expect_eq(code.kind, rows[i].kind, "row %zu", i);
		cr_expect_eq(code.length, rows[i].length, "row %zu", i);
		cr_expect_eq(code.target, rows[i].target, "row %zu: %lx", i, code.target);
	}
}

Test(audit_insn, endbr_and_what_takes_its_place_are_skipped)
{
	static const struct {
		const char *bytes;
		unsigned skip;
	} rows[] = {
		{"\xf3\x0f\x1e\xfa\xe8\x00\x00\x00", 4},
		{"\x66\x0f\x1f\x00\x0f\x1f\x44\x00", 4},
		{"\x0f\x1f\x40\xd6\xe8\x37\xb2\x2d", 4},
		{"\x0f\x1f\x44\x00\x00\x55\x48\x89", 0},
		{"\x55\x48\x89\xe5\x53\x48\x83\xec", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(insn_skip_endbr((const unsigned char *)rows[i].bytes),
			     rows[i].skip, "row %zu", i);
}
