/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/kcficheck.h"

#include <criterion/criterion.h>

#include "kcore/x86.h"

static struct kcficheck check;

static bool reads(const char *bytes)
{
	return kcficheck_read((const unsigned char *)bytes, &check);
}

#define HASH "\x41\xba\x5a\x3a\x4e\xc9"
#define UD2 "\x74\x02\x0f\x0b"

Test(kcore_kcficheck, a_callers_check)
{
	cr_assert(reads(HASH "\x45\x03\x53\xf1" UD2)); /* -15(%r11) */
	cr_expect_eq(check.type, 0x36b1c5a6);
	cr_expect_eq(check.register_nr, X86_R11);
	cr_expect_eq(check.type_at, -15);
	cr_expect_eq(check.trap_at, 12);
	cr_assert(reads(HASH "\x44\x03\x57\xfc" UD2)); /* -4(%rdi) */
	cr_expect_eq(check.register_nr, X86_RDI);
	cr_expect_eq(check.type_at, -4);
	cr_assert(reads(HASH "\x44\x03\x57\xfc\x75\x01\xa8\xd6"));
	cr_expect_eq(check.trap_at, 13);
}

Test(kcore_kcficheck, what_is_none)
{
	static const char *const none[] = {
		"\x41\xbb\x5a\x3a\x4e\xc9\x44\x03\x57\xfc" UD2, /* r11d */
		HASH "\x44\x2b\x57\xfc" UD2,			/* sub */
		HASH "\x44\x03\x5f\xfc" UD2,			/* to r11d */
		HASH "\x40\x03\x57\xfc" UD2,			/* to edx */
		HASH "\x44\x03\x54\xfc" UD2, /* with an index: one byte more */
		HASH "\x44\x03\x17\xfc" UD2, /* no displacement */
		HASH "\x44\x03\x57\xfc\x74\x02\x0f\xb9",
		HASH "\x44\x03\x57\xfc\x75\x02\x0f\x0b",
		HASH "\x44\x03\x57\xfc\x75\x01\xa8\xd7",
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		cr_expect_not(reads(none[i]), "%zu", i);
}
