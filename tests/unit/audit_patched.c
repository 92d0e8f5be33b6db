/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/patched.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint64_t VA = 0xffffffff81000000ULL;

static struct patched decode(const char *bytes, size_t nr)
{
	unsigned char room[PATCHED_BYTES] = {0x90, 0x90, 0x90, 0x90,
					     0x90, 0x90, 0x90, 0x90};

	memcpy(room, bytes, nr);
	return patched_decode(room, VA);
}

Test(audit_patched, what_the_kernel_patches_in)
{
	static const struct {
		const char *bytes;
		enum patched_kind kind;
		unsigned length;
		uint64_t target;
	} rows[] = {
		{"\x0f\x1f\x44\x00\x00", PATCHED_NOP, 5, 0},
		{"\x66\x66\x66\x66\x90", PATCHED_NOP, 5, 0},
		{"\x66\x90\xcc\xcc\xcc", PATCHED_NOP, 2, 0},
		{"\xe8\xfb\xff\xff\xff", PATCHED_CALL, 5, 0xffffffff81000000},
		{"\xe8\x00\x00\x00\x3f", PATCHED_CALL, 5, 0xffffffffc0000005},
		{"\xe9\xfb\xff\xff\x7e", PATCHED_JUMP, 5, 0},
		{"\xeb\x10\xcc\xcc\xcc", PATCHED_JUMP, 2, 0xffffffff81000012},
		{"\xeb\xf0\xcc\xcc\xcc", PATCHED_JUMP, 2, 0xffffffff80fffff2},
		{"\xc3\xcc\xcc\xcc\xcc", PATCHED_RETURN, 1, 0},
		{"\xcc\x1f\x44\x00\x00", PATCHED_BREAKPOINT, 1, 0},
		{"\x2e\x2e\x2e\x31\xc0", PATCHED_ZERO, 5, 0},
		{"\x66\x66\x48\x31\xc0", PATCHED_ZERO, 5, 0},
		{"\x55\x48\x89\xe5\x53", PATCHED_OTHER, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct patched code = decode(rows[i].bytes, 5);

		cr_expect_eq(code.kind, rows[i].kind, "row %zu", i);
		cr_expect_eq(code.length, rows[i].length, "row %zu", i);
		cr_expect_eq(code.target, rows[i].target, "row %zu: %lx", i, code.target);
	}
}

Test(audit_patched, endbr_and_what_takes_its_place_are_skipped)
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
		cr_expect_eq(patched_skip_endbr((const unsigned char *)rows[i].bytes),
			     rows[i].skip, "row %zu", i);
}
