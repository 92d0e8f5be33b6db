/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/mappings.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81603000 B _end\n";

static struct small small;
static struct mappings mappings;

static void fill(void)
{
	small_put_bytes(SMALL_SEALED + 0xffc, "over a page", 12);
	small_put_bytes(SMALL_SEALED + 0x100, "not\ntext", 9);
	small_put_bytes(SMALL_RODATA + 0xffe, "xx", 2);
	/* The same rights as SMALL_MODULE, but not the frame behind its. */
	small_put_pa(SMALL_MODULE_2_ENTRY_PA, 0x110000 | SMALL_RW_NX);
}

static void setup(void)
{
	small_open(&small, kallsyms, fill, NULL);
	cr_assert_eq(mappings_take(&mappings, &small.kernel), 0);
}

static void teardown(void)
{
	mappings_free(&mappings);
	small_close(&small);
}

TestSuite(audit_mappings, .init = setup, .fini = teardown);

Test(audit_mappings, neighbours_are_one)
{
	const struct mapping *sealed = mappings_at(&mappings, SMALL_SEALED);

	cr_assert_not_null(sealed);
	cr_expect_eq(sealed->va, SMALL_SEALED);
	cr_expect_eq(sealed->size_bytes, 2 * PAGE_BYTES);
	cr_expect_eq(sealed->pa, 0x110000);
	cr_expect_eq(mappings_at(&mappings, SMALL_SEALED + 0x1fff), sealed);
	cr_expect_eq(mappings_at(&mappings, SMALL_MODULE)->size_bytes, PAGE_BYTES);
	cr_expect_eq(mappings_at(&mappings, SMALL_MODULE + PAGE_BYTES)->pa, 0x110000);
	for (size_t i = 1; i < mappings.nr; i++)
		cr_expect_gt(mappings.array[i].va, mappings.array[i - 1].va);
}

Test(audit_mappings, the_first_that_ends_above)
{
	const struct mapping *data = mappings_at(&mappings, SMALL_DATA);

	cr_assert_not_null(data);
	cr_expect_null(mappings_at(&mappings, SMALL_SEALED + 2 * PAGE_BYTES));
	cr_expect_eq(mappings_from(&mappings, SMALL_SEALED + 2 * PAGE_BYTES), data);
	cr_expect_eq(mappings_from(&mappings, SMALL_DATA), data);
	cr_expect_eq(mappings_from(&mappings, SMALL_DATA + 0x3fff), data);
	cr_expect_neq(mappings_from(&mappings, SMALL_DATA + 0x4000), data);
	cr_expect_eq(mappings_from(&mappings, 0), &mappings.array[0]);
	cr_expect_null(mappings_at(&mappings, 0));
	cr_expect_null(mappings_from(&mappings, SMALL_MODULE + 2 * PAGE_BYTES));
	cr_expect_null(mappings_from(&mappings, UINT64_MAX));
}

Test(audit_mappings, reads)
{
	uint64_t word = 5, pa;
	char text[16];

	cr_expect_eq(mappings_read(&mappings, SMALL_SEALED + 0xffc, text, 12), 0);
	cr_expect_str_eq(text, "over a page");
	/* Two bytes are there, the page behind them is not. */
	cr_expect_eq(mappings_read_word(&mappings, SMALL_RODATA + 0xffe, &word), -EFAULT);
	cr_expect_eq(word, 5);
	cr_expect(mappings_pa(&mappings, SMALL_SEALED + 0x1008, &pa));
	cr_expect_eq(pa, 0x111008);
	cr_expect_not(mappings_pa(&mappings, SMALL_RODATA + 0x1000, &pa));
}

Test(audit_mappings, strings)
{
	char text[16];

	cr_expect_eq(mappings_read_string(&mappings, SMALL_SEALED + 0xffc, text, 12), 0);
	cr_expect_str_eq(text, "over a page");
	cr_expect_eq(mappings_read_string(&mappings, SMALL_SEALED + 0xffc, text, 11),
		     -EILSEQ);
	cr_expect_str_eq(text, "");
	cr_expect_eq(mappings_read_string(&mappings, SMALL_SEALED + 0x100, text, 16),
		     -EILSEQ);
	cr_expect_eq(mappings_read_string(&mappings, SMALL_RODATA + 0xffe, text, 16),
		     -EFAULT);
}

Test(audit_mappings, rights_in_letters)
{
	const struct mapping broken = {.reason = PT_RESERVED_BIT, .writable = true};
	const struct mapping open = {.writable = true};

	cr_expect_str_eq(mapping_rights(mappings_at(&mappings, SMALL_TEXT)), "r-x");
	cr_expect_str_eq(mapping_rights(mappings_at(&mappings, SMALL_SEALED)), "r--");
	cr_expect_str_eq(mapping_rights(mappings_at(&mappings, SMALL_DATA)), "rw-");
	cr_expect_str_eq(mapping_rights(&open), "rwx");
	cr_expect_str_eq(mapping_rights(&broken), "---");
}
