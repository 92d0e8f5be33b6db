/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/body.h"

#include <criterion/criterion.h>
#include <string.h>

static void take(struct crash *crash, const char *text)
{
	struct log_line line = {.text = text, .is_whole = true};

	body_scan(crash, &line);
}

Test(oops_body, tables_in_pieces)
{
	struct crash crash = {0};

	take(&crash, "PGD 3fc0e067 P4D 3fc0e067 ");
	take(&crash, "usb 1-1: new device");
	take(&crash, "PUD 3fc0f063 PMD BAD");
	take(&crash, "PGD 1 P4D 1 PUD 1 PMD 1");
	cr_expect_eq(crash.tables[CRASH_TABLE_PGD].value, 0x3fc0e067);
	cr_expect_eq(crash.tables[CRASH_TABLE_PUD].value, 0x3fc0f063);
	cr_expect(crash.tables[CRASH_TABLE_PMD].is_bad);
	cr_expect_not(crash.tables[CRASH_TABLE_PTE].has_value);
}

Test(oops_body, a_cut_last_line_gives_no_last_value)
{
	struct crash crash = {0};
	struct log_line line = {.text = "PGD 3fc0e067 P4D 3fc0e067 PUD 3fc0"};

	body_scan(&crash, &line);
	cr_expect(crash.tables[CRASH_TABLE_P4D].has_value);
	cr_expect_not(crash.tables[CRASH_TABLE_PUD].has_value);
	cr_expect(crash.is_table_line_cut);
}

/* All sixteen digits are there, and a blank of the row behind them. */
Test(oops_body, a_cut_line_keeps_a_whole_entry)
{
	struct crash crash = {0};
	struct log_line line = {
		.text = "PGD 3fc0e067 PUD 3fc0e067 PMD 80000000080001e1 "};

	body_scan(&crash, &line);
	cr_expect_eq(crash.tables[CRASH_TABLE_PMD].value, 0x80000000080001e1);
	cr_expect_not(crash.is_table_line_cut);
}

Test(oops_body, code)
{
	struct crash crash = {.code = {.at = -1}};

	take(&crash, "Code: 00 <48> 89 0");
	cr_expect_eq(crash.code.nr, 3);
	cr_expect_eq(crash.code.at, 1);
	crash = (struct crash){.code = {.at = -1}};
	take(&crash, "Code: 00 <4");
	cr_expect_eq(crash.code.nr, 1);
	cr_expect_eq(crash.code.at, -1);
	crash = (struct crash){.code = {.at = -1}};
	take(&crash, "Code: Unable to access opcode bytes at RIP 0xffffffffc020affe.");
	cr_expect(crash.code.is_unreadable);
	cr_expect(crash.code.has_address);
	cr_expect_eq(crash.code.address, 0xffffffffc020affe);
	crash = (struct crash){.code = {.at = -1}};
	take(&crash, "Code: Unable to access opcode bytes at 0xffffffffc020");
	cr_expect(crash.code.is_unreadable);
	cr_expect_not(crash.code.has_address);
}

Test(oops_body, cpu)
{
	struct crash crash = {0};

	take(&crash, "CPU: 3 UID: 0 PID: 138 Comm: a b: c Not tainted 6.12.1 #1 SMP");
	cr_expect_eq(crash.cpu, 3);
	cr_expect_str_eq(crash.comm, "a b: c");
	cr_expect_str_eq(crash.taint, "");
	cr_expect_str_eq(crash.release, "6.12.1");
	cr_expect_str_eq(crash.build, "#1 SMP");
	/* A release that may be cut is none. */
	crash = (struct crash){0};
	take(&crash, "CPU: 0 PID: 8366 Comm: insmod Tainted: G           OE     4.19.8");
	cr_expect_str_eq(crash.taint, "GOE");
	cr_expect_str_eq(crash.release, "");
}

Test(oops_body, the_mode)
{
	struct crash crash = {0};

	take(&crash, "#PF: supervisor write access in kernel mode");
	cr_expect_eq(crash.mode, CRASH_MODE_KERNEL);
	take(&crash, "#PF: error_code(0x80000003) - RMP violation");
	cr_expect_eq(crash.error_code, 0x80000003);
	crash = (struct crash){0};
	take(&crash, "#PF: error_code(0x000");
	cr_expect_not(crash.has_error_code);
	take(&crash, "RIP: 0033:0x7fdf335abf59");
	cr_expect_eq(crash.mode, CRASH_MODE_USER);
}

Test(oops_body, modules)
{
	struct crash crash = {.has_site = true};

	strcpy(crash.site.module, "two");
	cr_expect(body_scan_modules(&crash,
				    "Modules linked in: one(OE) two(OE-) twofold(P+)"));
	cr_expect_str_eq(crash.module_flags, "OE-");
	cr_expect(crash.is_module_going);
	cr_expect_not(crash.is_module_starting);
	cr_expect_not(body_scan_modules(&crash, "Modules"));
}

/* Git comments out lines that start with '#'; a mailer glued "BAD" to the value. */
Test(oops_body, slash_and_glue)
{
	struct crash crash = {0};

	take(&crash, "/#PF: error_code(0x0003) - permissions violation");
	cr_expect(crash.has_all_error_bits);
	cr_expect_eq(crash.error_code, 3);
	take(&crash, "PGD ae201067 P4D ae201067 PUD 100316063 PMD 10a877063BAD");
	cr_expect_eq(crash.tables[CRASH_TABLE_PMD].value, 0x10a877063);
	cr_expect_not(crash.tables[CRASH_TABLE_PTE].has_value);
}
