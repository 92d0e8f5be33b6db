/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constants that lead to code. */
#include "unchanged/pointers.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200040 R some_ops\n"
			       "ffffffff81200080 R hv_hypercall_pg\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81300100 d sealed_ops\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000100 t evil\t[evil]\n";

static uint64_t at, word;

static void fill(void)
{
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RO_X);
	small_put(at, word);
}

static void expect(uint64_t va, uint64_t value, const char *words)
{
	struct small small;

	at = va;
	word = value;
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	pointers_check(&small.audit);
	if (words)
		small_expect_one(&small, AUDIT_POINTER_OUTSIDE, words);
	else
		small_expect(&small, 0, NULL);
	small_close(&small);
}

Test(unchanged_pointers, of_constants)
{
	expect(SMALL_RODATA + 0x48, SMALL_TEXT + 0x10, NULL);
	expect(SMALL_RODATA + 0x48, SMALL_TEXT + 0x400, NULL); /* a bound */
	expect(SMALL_RODATA + 0x48, SMALL_DATA, NULL);
	expect(SMALL_RODATA + 0x48, 0x0101c000, NULL);
	expect(SMALL_RODATA + 0x48, SMALL_MODULE + 0x100,
	       "some_ops+0x8 (00 01 00 c0 ff ff ff ff) points to evil [evil]");
	expect(SMALL_SEALED + 0x100, SMALL_MODULE + 0x104, "sealed_ops ");
	/* Behind the text, in its last page. */
	expect(SMALL_RODATA + 0x48, SMALL_TEXT + 0x800, "some_ops+0x8");
	expect(SMALL_RODATA + 0x80, SMALL_MODULE + 0x100, NULL);
}

static void fill_end(void)
{
	/* No RAM of this core. */
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x70000000 | SMALL_RO_X);
	small_put(SMALL_RODATA + 0x48, SMALL_MODULE + 0x400);
}

/* builtin_coretext of 7 in a capture without the text: "a constant was changed". */
Test(unchanged_pointers, the_end_of_a_text_that_is_not_there)
{
	static const char names[] = "ffffffff81000000 T _text\n"
				    "ffffffff81000000 T _stext\n"
				    "ffffffff81200000 R __start_rodata\n"
				    "ffffffff81302000 R __end_rodata\n"
				    "ffffffff81400000 D _sdata\n"
				    "ffffffff81400100 D init_mm\n"
				    "ffffffff81603000 B _end\n"
				    "ffffffffc0000400 T _etext\n";
	struct small small;

	small_open(&small, names, fill_end, NULL);
	small_audit(&small, 0, NULL);
	pointers_check(&small.audit);
	cr_expect_eq(small.audit.nr_findings, 0);
	cr_expect_eq(small.audit.rows[0].verdict, AUDIT_UNKNOWN);
	small_close(&small);
}
