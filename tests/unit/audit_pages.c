/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights of pages against what rows expect, in a small kernel without any check of its
 * own.
 */
#include "audit/pages.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81300000 D first_table\n"
			       "ffffffff81301000 D second_table\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 d area\t[good]\n";

static const uint64_t FIRST = SMALL_SEALED, SECOND = SMALL_SEALED + PAGE_BYTES;

/* What SMALL_SEALED's second page and SMALL_MODULE are mapped with; 0: as they are. */
static uint64_t second_entry, module_entry;

static void fill(void)
{
	if (second_entry)
		small_put_pa(SMALL_SEALED_2_ENTRY_PA, second_entry);
	if (module_entry)
		small_put_pa(SMALL_MODULE_ENTRY_PA, module_entry);
}

static void begin(struct small *small)
{
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 0, NULL);
}

static size_t add_row(struct small *small, const char *name, const char *expected)
{
	struct audit_row row = {.verdict = AUDIT_SEALED, .expected = expected};

	strcpy(row.name, name);
	return audit_add_row(&small->audit, &row);
}

Test(audit_pages, a_row_that_there_was_no_memory_for_is_taken)
{
	struct small small;

	begin(&small);
	pages_check(&small.audit, AUDIT_NO_ROW, FIRST, PAGE_BYTES);
	add_row(&small, "tables", "r--");
	pages_check(&small.audit, AUDIT_NO_ROW, FIRST, PAGE_BYTES);
	cr_expect_eq(small.audit.nr_ranges, 0);
	cr_expect_str_eq(small_row(&small, "tables")->found, "");
	pages_finish(&small.audit);
	small_expect(&small, 0, NULL);
	small_close(&small);
}

Test(audit_pages, rights_and_pages_of_a_sealed_row)
{
	struct small small;
	size_t row;

	begin(&small);
	row = add_row(&small, "tables", "r--");
	/* Two ranges that share a page; it counts once. */
	pages_check(&small.audit, row, FIRST + 0x800, PAGE_BYTES);
	pages_check(&small.audit, row, SECOND + 0x900, 8);
	pages_check(&small.audit, row, FIRST, 0);
	pages_finish(&small.audit);
	small_expect(&small, 0, NULL);
	cr_expect_str_eq(small_row(&small, "tables")->found, "r--");
	cr_expect_eq(small_row(&small, "tables")->nr_pages, 2);
	cr_expect_eq(small_row(&small, "tables")->verdict, AUDIT_SEALED);
	small_close(&small);
}

/* The finding belongs to the smallest row; every row that it concerns is unsealed. */
Test(audit_pages, a_writable_page_of_two_rows)
{
	struct small small;
	size_t both, second, first;

	second_entry = 0x111000 | SMALL_RW_NX;
	begin(&small);
	both = add_row(&small, "both", "r--");
	second = add_row(&small, "second", "r--");
	first = add_row(&small, "first", "r--");
	pages_check(&small.audit, both, FIRST, 2 * PAGE_BYTES);
	pages_check(&small.audit, second, SECOND, 16);
	pages_check(&small.audit, first, FIRST, 16);
	pages_finish(&small.audit);
	small_expect_one(&small, AUDIT_WRITABLE,
			 "1 page of both, second at 0xffffffff81301000 (second_table)");
	cr_expect_eq(small.audit.findings[0].row, second);
	cr_expect_str_eq(small_row(&small, "both")->found, "mixed");
	cr_expect_eq(small_row(&small, "both")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(small_row(&small, "first")->verdict, AUDIT_SEALED);
	small_close(&small);
}

Test(audit_pages, data_that_can_be_executed)
{
	struct small small;
	size_t row;

	module_entry = 0x120000 | SMALL_RO_X;
	begin(&small);
	row = add_row(&small, "area", "rw-");
	pages_check(&small.audit, row, SMALL_MODULE, 8);
	pages_finish(&small.audit);
	small_expect_one(
		&small, AUDIT_EXECUTABLE_DATA,
		"1 page of area at 0xffffffffc0000000 (area [good]) can be executed");
	small_close(&small);
}

/* Of one page the gravest is told, once. */
Test(audit_pages, writable_and_executable_outweighs_writable)
{
	struct small small;
	size_t code, constants;

	module_entry = 0x120063;
	begin(&small);
	code = add_row(&small, "code", "r-x");
	constants = add_row(&small, "constants", "r--");
	pages_check(&small.audit, code, SMALL_MODULE, 8);
	pages_check(&small.audit, constants, SMALL_MODULE, 8);
	audit_add_violation(&small.audit, AUDIT_WRITABLE, SMALL_MODULE, PAGE_BYTES, 0);
	pages_finish(&small.audit);
	small_expect_one(
		&small, AUDIT_WRITABLE_EXECUTABLE,
		"can be written and executed; ought to be sealed: code, constants");
	small_close(&small);
}

Test(audit_pages, a_page_that_is_not_there)
{
	struct small small;
	size_t sealed, writable;

	begin(&small);
	sealed = add_row(&small, "sealed", "r--");
	writable = add_row(&small, "writable", "rw-");
	pages_check(&small.audit, sealed, SECOND, 2 * PAGE_BYTES);
	pages_check(&small.audit, writable, SMALL_MODULE + PAGE_BYTES, 8);
	pages_finish(&small.audit);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "sealed")->verdict, AUDIT_UNKNOWN);
	cr_expect_str_eq(small_row(&small, "sealed")->detail,
			 "1 of its pages are not mapped");
	/* Freed data may be unmapped. */
	cr_expect_eq(small_row(&small, "writable")->verdict, AUDIT_SEALED);
	cr_expect_str_eq(small_row(&small, "writable")->found, "---");
	small_close(&small);
}

/* What was open at the first look and is closed at the second is counted, not told. */
Test(audit_pages, a_page_in_transition)
{
	struct small small;
	size_t row;

	begin(&small);
	row = add_row(&small, "tables", "r--");
	pages_check(&small.audit, row, FIRST, 2 * PAGE_BYTES);
	audit_add_violation(&small.audit, AUDIT_WRITABLE, FIRST, 2 * PAGE_BYTES, 0);
	pages_finish(&small.audit);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small.audit.nr_transient, 1);
	cr_expect_eq(small_row(&small, "tables")->verdict, AUDIT_SEALED);
	small_close(&small);
}
