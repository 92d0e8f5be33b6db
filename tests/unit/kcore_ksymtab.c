/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/ksymtab.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "small.h"

/* A kernel of which kallsyms lists the functions only, and its tables in SMALL_SEALED's
 * two pages: entries, CRCs and flags where @rest says so, strings.
 */
static const char functions[] = "ffffffff81000000 T _text\n"
				"ffffffff81000000 T _stext\n"
				"ffffffff81000100 T helper\n";

#define TABLE (SMALL_SEALED + 0x10)
enum { NR_PLAIN = 150, NR_GPL = 20, NR_ALL = NR_PLAIN + NR_GPL, NAME_BYTES = 8 };

static unsigned crc_bytes, flag_bytes;
static bool is_one_table, is_unsorted;

static void put_name(uint64_t va, unsigned i)
{
	char name[NAME_BYTES + 8] = "";
	unsigned n = i < NR_PLAIN ? i : i - NR_PLAIN;

	if (is_one_table)
		n = i;
	if (is_unsorted)
		n = NR_ALL - n;
	snprintf(name, sizeof(name), "sym_%03u", n);
	small_put_bytes(va, name, NAME_BYTES);
}

static void fill(void)
{
	uint64_t strings = TABLE +
			   NR_ALL * (KSYMTAB_ENTRY_BYTES + crc_bytes + flag_bytes);

	for (unsigned i = 0; i < NR_ALL; i++) {
		uint64_t at = TABLE + i * KSYMTAB_ENTRY_BYTES,
			 name = strings + i * NAME_BYTES;
		int32_t entry[3] = {(int32_t)(SMALL_TEXT + 0x100 + i - at),
				    (int32_t)(name - (at + 4)), 0};

		small_put_bytes(at, entry, sizeof(entry));
		put_name(name, i);
	}
}

static int find(struct ksymtab *ret)
{
	struct small small;
	int r;

	small_open(&small, functions, fill, NULL);
	r = ksymtab_find(&small.kernel, ret);
	small_close(&small);
	crc_bytes = flag_bytes = 0;
	is_one_table = is_unsorted = false;
	return r;
}

Test(kcore_ksymtab, two_tables_and_crcs)
{
	struct ksymtab tables;

	crc_bytes = 4;
	cr_assert_eq(find(&tables), 0);
	cr_expect_eq(tables.start, TABLE);
	cr_expect_eq(tables.gpl, TABLE + NR_PLAIN * KSYMTAB_ENTRY_BYTES);
	cr_expect_eq(tables.end, TABLE + NR_ALL * KSYMTAB_ENTRY_BYTES);
	cr_expect_eq(tables.crcs, tables.end);
	cr_expect_eq(tables.strings, tables.end + NR_ALL * 4);
	cr_expect_eq(tables.strings_end, tables.strings + NR_ALL * NAME_BYTES);
	cr_expect_eq(tables.flags, 0);
	cr_expect_not(tables.is_crc_unknown);
}

/* Without CONFIG_MODVERSIONS. */
Test(kcore_ksymtab, no_crcs)
{
	struct ksymtab tables;

	cr_assert_eq(find(&tables), 0);
	cr_expect_eq(tables.crcs, 0);
	cr_expect_not(tables.is_crc_unknown);
}

/* Since 6.20. */
Test(kcore_ksymtab, one_table_with_flags)
{
	struct ksymtab tables;

	is_one_table = true;
	flag_bytes = 1;
	cr_assert_eq(find(&tables), 0);
	cr_expect_eq(tables.gpl, 0);
	cr_expect_eq(tables.crcs, 0);
	cr_expect_eq(tables.flags, tables.end);
	is_one_table = true;
	flag_bytes = 1;
	crc_bytes = 4;
	cr_assert_eq(find(&tables), 0);
	cr_expect_eq(tables.crcs, tables.end);
	cr_expect_eq(tables.flags, tables.end + NR_ALL * 4);
}

Test(kcore_ksymtab, something_else_between)
{
	struct ksymtab tables;

	crc_bytes = 2;
	cr_assert_eq(find(&tables), 0);
	cr_expect_eq(tables.crcs, 0);
	cr_expect(tables.is_crc_unknown);
}

Test(kcore_ksymtab, what_does_not_ascend_is_none)
{
	struct ksymtab tables;

	is_unsorted = true;
	cr_expect_eq(find(&tables), -ENOENT);
}
