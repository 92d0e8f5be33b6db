/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unchanged/statickey.h"

#include <criterion/criterion.h>

#include "small.h"

static void fill(void)
{
}

Test(unchanged_statickey, a_trampoline_has_the_key_of_its_name)
{
	static const char kallsyms[] = "ffffffff81000000 T _text\n"
				       "ffffffff81000000 T _stext\n"
				       "ffffffff81000100 T __SCT__with\n"
				       "ffffffff81000108 T __SCT__without\n"
				       "ffffffff81000110 T other\n"
				       "ffffffff81400000 D _sdata\n"
				       "ffffffff81400100 D __SCK__with\n"
				       "ffffffff81603000 B _end\n"
				       "ffffffffc0000010 t __SCT__with\t[one]\n"
				       "ffffffffc0000020 t __SCT__with\t[two]\n"
				       "ffffffffc0000030 t __SCT__with\t[none]\n"
				       "ffffffffc0000110 d __SCK__with\t[one]\n"
				       "ffffffffc0000120 d __SCK__with\t[two]\n";
	struct symbols *symbols;
	struct small small;

	small_open(&small, kallsyms, fill, NULL);
	symbols = &small.kernel.symbols;
	cr_expect(statickey_is_trampoline(symbols, SMALL_TEXT + 0x100));
	cr_expect(statickey_is_trampoline(symbols, SMALL_TEXT + 0x108));
	cr_expect_not(statickey_is_trampoline(symbols, SMALL_TEXT + 0x104), "inside");
	cr_expect_not(statickey_is_trampoline(symbols, SMALL_TEXT + 0x110));
	cr_expect_eq(statickey_of(symbols, SMALL_TEXT + 0x100), SMALL_DATA + 0x100);
	cr_expect_eq(statickey_of(symbols, SMALL_TEXT + 0x108), 0);
	cr_expect_eq(statickey_of(symbols, SMALL_TEXT + 0x110), 0);
	cr_expect_eq(statickey_of(symbols, SMALL_MODULE + 0x10), SMALL_MODULE + 0x110);
	cr_expect_eq(statickey_of(symbols, SMALL_MODULE + 0x20), SMALL_MODULE + 0x120);
	cr_expect_eq(statickey_of(symbols, SMALL_MODULE + 0x30), 0);
	small_close(&small);
}
