/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects that one release seals and another keeps in writable memory. */
#include "audit/dispatch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 T sys_read\n"
			       "ffffffff81000200 T x64_sys_call\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200000 R sys_call_table\n"
			       "ffffffff81200040 R __start___ex_table\n"
			       "ffffffff81200060 R __stop___ex_table\n"
			       "ffffffff81201000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400000 D null_fops\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81404000 D _edata\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000100 t evil_read\t[evil]\n";

static uint64_t third_entry;
/* What lies between the table's four entries and the next symbol. */
static uint64_t behind[4];

static void fill(void)
{
	small_put(SMALL_RODATA, SMALL_TEXT + 0x100);
	small_put(SMALL_RODATA + 8, 0);
	small_put(SMALL_RODATA + 16, third_entry);
	small_put(SMALL_RODATA + 24, SMALL_TEXT + 0x100);
	small_put_bytes(SMALL_RODATA + 32, behind, sizeof(behind));
}

static void audit_with(uint64_t entry, struct small *small)
{
	third_entry = entry;
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 1u << AUDIT_DISPATCH, NULL);
}

Test(audit_dispatch, what_is_linked_where)
{
	struct small small;

	audit_with(SMALL_TEXT + 0x100, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "sys_call_table")->size_bytes, 32);
	cr_expect_str_eq(small_row(&small, "sys_call_table")->detail,
			 "3 entries, all checked to lead to kernel text");
	cr_expect_str_eq(small_row(&small, "x64_sys_call")->expected, "r-x");
	/* Up to its own end, not to the next symbol. */
	cr_expect_eq(small_row(&small, "__start___ex_table")->size_bytes, 32);
	cr_expect_str_eq(small_row(&small, "__start___ex_table")->expected, "r--");
	cr_expect_eq(small_row(&small, "null_fops")->verdict, AUDIT_INFO);
	cr_expect_str_eq(small_row(&small, "null_fops")->detail,
			 "this release keeps it in writable memory");
	cr_expect_eq(small.audit.nr_rows, 4);
	small_close(&small);
}

Test(audit_dispatch, an_entry_that_leads_into_a_module)
{
	struct small small;

	audit_with(SMALL_MODULE + 0x100, &small);
	small_expect_one(&small, AUDIT_HANDLER_OUTSIDE,
			 "entry 2 of sys_call_table leads to evil_read [evil]");
	cr_expect_eq(small.audit.findings[0].address, SMALL_RODATA + 16);
	small_close(&small);
}

/* A red zone, or a constant that has no name: no entries, whatever they hold. */
Test(audit_dispatch, padding_behind_a_table)
{
	struct small small;

	memcpy(behind, (const uint64_t[]){0, 0x656c6966, SMALL_TEXT + 0x280, 1},
	       sizeof(behind));
	audit_with(SMALL_TEXT + 0x100, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "sys_call_table")->size_bytes, 32);
	small_close(&small);
	/* Garbage between entries is none. */
	audit_with(0x656c6966, &small);
	small_expect_one(&small, AUDIT_HANDLER_OUTSIDE, "entry 2 of sys_call_table");
	small_close(&small);
}

/* The last entry is the table's, though it leads to no system call. */
Test(audit_dispatch, a_last_entry_that_leads_into_a_module)
{
	struct small small;

	behind[0] = SMALL_MODULE + 0x100;
	audit_with(SMALL_TEXT + 0x100, &small);
	small_expect_one(&small, AUDIT_HANDLER_OUTSIDE,
			 "entry 4 of sys_call_table leads to evil_read [evil]");
	small_close(&small);
}

static void fill_garbage(void)
{
	for (uint64_t i = 0; i < 63; i++)
		small_put(SMALL_RODATA + 8 * i, i % 8 ? 0x1000 + i : SMALL_TEXT + 0x100);
	small_put(SMALL_RODATA + 8 * 63, SMALL_TEXT + 0x100);
}

/* Most entries lead nowhere: rather no table than all of it hijacked. */
Test(audit_dispatch, more_than_a_handful_of_strange_entries)
{
	static const char larger[] = "ffffffff81000000 T _text\n"
				     "ffffffff81000000 T _stext\n"
				     "ffffffff81000100 T sys_read\n"
				     "ffffffff81000400 T _etext\n"
				     "ffffffff81200000 R __start_rodata\n"
				     "ffffffff81200000 R sys_call_table\n"
				     "ffffffff81200200 R next\n"
				     "ffffffff81201000 R __end_rodata\n"
				     "ffffffff81603000 B _end\n";
	struct small small;

	small_open(&small, larger, fill_garbage, NULL);
	small_audit(&small, 1u << AUDIT_DISPATCH, NULL);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "sys_call_table")->verdict, AUDIT_UNKNOWN);
	cr_expect_not_null(strstr(small_row(&small, "sys_call_table")->detail,
				  "read wrong rather than hijacked"));
	small_close(&small);
}

/* Tables have no name where kallsyms lists functions only: unknown, and why. */
Test(audit_dispatch, a_kernel_that_lists_no_data)
{
	static const char functions[] = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n"
					"ffffffff81000100 T sys_read\n";
	struct small small;

	small_open(&small, functions, fill, NULL);
	small_audit(&small, 1u << AUDIT_DISPATCH, NULL);
	cr_expect_eq(small_row(&small, "tables of functions")->verdict, AUDIT_UNKNOWN);
	cr_expect_not_null(strstr(small_row(&small, "tables of functions")->detail,
				  "CONFIG_KALLSYMS_ALL is off"));
	small_close(&small);
}

/* Nor where there are no symbols at all. */
Test(audit_dispatch, a_kernel_that_lists_nothing)
{
	struct small small;

	small_open(&small, kallsyms, fill, NULL);
	small.kernel.has_symbols = false;
	error_set(&small.kernel.symbols_error, ERROR_NO_SYMBOLS, -ENOENT, "no symbols");
	small_audit(&small, 1u << AUDIT_DISPATCH, NULL);
	cr_expect_eq(small_row(&small, "tables of functions")->verdict, AUDIT_UNKNOWN);
	cr_expect_not_null(
		strstr(small_row(&small, "tables of functions")->detail, "no symbols"));
	small_close(&small);
}
