/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pagetable/errorcode.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_flags(uint64_t code, const char *names)
{
	struct errorcode_flag flags[ERRORCODE_MAX_FLAGS];
	size_t nr = errorcode_flags(code, flags);
	char text[128] = "";

	for (size_t i = 0; i < nr; i++) {
		if (!errorcode_has(code, flags[i].bit))
			continue;
		strcat(text, flags[i].name);
		strcat(text, " ");
		cr_expect_not_null(flags[i].meaning);
	}
	cr_expect_str_eq(text, names, "%lx", code);
}

Test(pagetable_errorcode, bits)
{
	expect_flags(0, "");
	expect_flags(3, "P W ");
	expect_flags(0x11, "P I ");
	expect_flags(0xb, "P W RSVD ");
	expect_flags(0x8000807f, "P W U RSVD I PK SS SGX RMP ");
	expect_flags(0x800000e7, "P W U PK SS HLAT RMP ");
	cr_expect_eq(errorcode_access(0), ERRORCODE_READ);
	cr_expect_eq(errorcode_access(2), ERRORCODE_WRITE);
	cr_expect_eq(errorcode_access(0x11), ERRORCODE_FETCH);
	cr_expect_eq(errorcode_unknown(0x3), 0);
	cr_expect_eq(errorcode_unknown(0x103), 0x100);
}
