/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/names.h"

#include <criterion/criterion.h>

#include "small.h"

static const char kallsyms[] = "000000000000b000 A twice\n"
			       "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200040 R twice\n"
			       "ffffffff81200080 R table\n"
			       "ffffffff81201000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000100 t init_it\t[good]\n";

static struct small small;
static struct audit *audit;

static void fill(void)
{
}

static void begin(const char *symbols)
{
	small_open(&small, symbols, fill, NULL);
	small_audit(&small, 0, NULL);
	audit = &small.audit;
}

static void setup(void)
{
	begin(kallsyms);
}

static void teardown(void)
{
	small_close(&small);
}

TestSuite(audit_names, .init = setup, .fini = teardown);

static void expect_place(uint64_t va, const char *words)
{
	char text[AUDIT_PLACE_BYTES];

	cr_expect_str_eq(audit_place(audit, va, text, sizeof(text)), words);
}

Test(audit_names, an_address_in_words)
{
	expect_place(SMALL_RODATA + 0x80, "table");
	expect_place(SMALL_RODATA + 0x88, "table+0x8");
	expect_place(SMALL_MODULE + 0x110, "init_it+0x10 [good]");
	/* Too far from the last symbol to be part of it. */
	expect_place(SMALL_MODULE + 0x100 + (16 << 20), "module area");
	expect_place(FAKE_DIRECT_MAP, "direct map");
}

Test(audit_names, without_symbols_the_region_is_the_word)
{
	small_close(&small);
	begin("0000000000000000 T _text\n");
	cr_assert_not(audit->kernel->has_symbols);
	expect_place(FAKE_DIRECT_MAP, "direct map");
}

Test(audit_names, a_symbol_ends_where_the_next_one_begins)
{
	cr_expect_eq(audit_symbol_size(audit, SMALL_RODATA + 0x40), 0x40);
	cr_expect_eq(audit_symbol_size(audit, SMALL_RODATA + 0x50), 0x30);
	/* The module's is far behind the image's last, and nothing is behind it. */
	cr_expect_eq(audit_symbol_size(audit, 0xffffffff81603000), 0);
	cr_expect_eq(audit_symbol_size(audit, SMALL_MODULE + 0x100), 0);
}

/* Of several symbols of one name the first, or the one among the constants. */
static void expect_twice(void)
{
	uint64_t va = 1;

	cr_expect(audit_symbol(audit, "twice", &va));
	cr_expect_eq(va, 0xb000);
	cr_expect(audit_symbol(audit, "table", &va));
	cr_expect_eq(va, SMALL_RODATA + 0x80);
	va = 1;
	cr_expect_not(audit_symbol(audit, "no_such_symbol", &va));
	cr_expect_not(audit_constant(audit, "no_such_symbol", &va));
	cr_expect_eq(va, 1);
}

Test(audit_names, wanted_or_not_the_answer_is_the_same)
{
	uint64_t va;

	expect_twice();
	audit_want(audit, "twice");
	audit_want(audit, "table");
	audit_want(audit, "no_such_symbol");
	audit_look_up(audit);
	expect_twice();
	cr_expect(audit_constant(audit, "twice", &va));
	cr_expect_eq(va, SMALL_RODATA + 0x40);
	cr_expect_eq(audit->failed, 0);
}

Test(audit_names, a_kept_name_is_a_copy)
{
	char name[] = "file_open";
	const char *kept = audit_keep_name(audit, name);

	name[0] = 'x';
	cr_expect_str_eq(kept, "file_open");
	for (int i = 0; i < 40; i++)
		audit_keep_name(audit, "another");
	cr_expect_str_eq(kept, "file_open");
}

Test(audit_names, text_and_constants)
{
	cr_expect(audit_is_kernel_text(audit, SMALL_TEXT));
	cr_expect(audit_is_kernel_text(audit, SMALL_TEXT + 0x3ff));
	cr_expect_not(audit_is_kernel_text(audit, SMALL_TEXT + 0x400));
	cr_expect_not(audit_is_kernel_text(audit, SMALL_TEXT - 1));
	cr_expect(audit_is_constant(audit, SMALL_TEXT));
	cr_expect(audit_is_constant(audit, SMALL_RODATA + 0xfff));
	cr_expect_not(audit_is_constant(audit, SMALL_DATA));
	cr_expect_not(audit_is_constant(audit, SMALL_MODULE));
}
