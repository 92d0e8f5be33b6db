/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/report.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81300000 d first_table\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

static struct small small;
static struct audit *audit;

static void fill(void)
{
}

static void setup(void)
{
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	audit = &small.audit;
}

static void teardown(void)
{
	small_close(&small);
}

static size_t add_row(enum audit_verdict verdict)
{
	const struct audit_row row = {.name = "row", .verdict = verdict};

	return audit_add_row(audit, &row);
}

TestSuite(audit_report, .init = setup, .fini = teardown);

Test(audit_report, a_finding_unseals_its_row)
{
	size_t other = add_row(AUDIT_SEALED), row = add_row(AUDIT_SEALED);

	cr_expect_eq(audit_status(audit), 0);
	audit_find(audit, row, AUDIT_WRITABLE, SMALL_SEALED + 8, 16, "page %d", 3);
	cr_assert_eq(audit->nr_findings, 1);
	cr_expect_eq(audit->findings[0].row, row);
	cr_expect_eq(audit->findings[0].size_bytes, 16);
	cr_expect_str_eq(audit->findings[0].message, "page 3");
	cr_expect_str_eq(audit->findings[0].place, "first_table+0x8");
	cr_expect_eq(audit->rows[row].verdict, AUDIT_UNSEALED);
	cr_expect_eq(audit->rows[other].verdict, AUDIT_SEALED);
	cr_expect_eq(audit_status(audit), 1);
	audit_find(audit, other, AUDIT_KERNEL_DISAGREES, 0, 0, "of no address");
	cr_expect_str_eq(audit->findings[1].place, "");
}

Test(audit_report, undecided_never_hides_a_finding)
{
	size_t found = add_row(AUDIT_SEALED), told = add_row(AUDIT_INFO);

	audit_undecided(audit, told, "%s", "why");
	cr_expect_eq(audit->rows[told].verdict, AUDIT_UNKNOWN);
	cr_expect_str_eq(audit->rows[told].detail, "why");
	cr_expect_eq(audit_status(audit), 2);
	audit_find(audit, found, AUDIT_WRITABLE, 0, 0, "open");
	audit_undecided(audit, found, "not whole");
	cr_expect_eq(audit->rows[found].verdict, AUDIT_UNSEALED);
	cr_expect_str_eq(audit->rows[found].detail, "not whole");
	cr_expect_eq(audit_status(audit), 3);
}

/* Where there was no memory for a row, what is told of it is told of none. */
Test(audit_report, no_row)
{
	size_t row = add_row(AUDIT_SEALED);

	audit_find(audit, AUDIT_NO_ROW, AUDIT_WRITABLE, SMALL_SEALED, 8, "open");
	audit_undecided(audit, AUDIT_NO_ROW, "why");
	audit_notice(audit, AUDIT_NO_ROW, SMALL_SEALED, "traced");
	audit_add_range(audit, AUDIT_NO_ROW, SMALL_SEALED, 8, true);
	cr_expect_eq(audit->nr_findings, 1);
	cr_expect_eq(audit->nr_notices, 1);
	cr_expect_eq(audit->rows[row].verdict, AUDIT_SEALED);
	cr_expect_eq(audit_status(audit), 0);
}

Test(audit_report, many_rows_keep_their_places)
{
	for (size_t i = 0; i < 100; i++)
		cr_assert_eq(add_row(i % 2 ? AUDIT_SEALED : AUDIT_INFO), i);
	for (size_t i = 0; i < 100; i++)
		cr_expect_eq(audit->rows[i].verdict, i % 2 ? AUDIT_SEALED : AUDIT_INFO);
}

Test(audit_report, a_hook_has_its_addresses_in_words)
{
	audit_add_slot(audit, &(struct audit_slot){.hook = "file_open",
						   .element = SMALL_SEALED + 0x10});
	cr_assert_eq(audit->nr_slots, 1);
	cr_expect_str_eq(audit->slots[0].element_place, "first_table+0x10");
	cr_expect_str_eq(audit->slots[0].callback_place, "");
}

Test(audit_report, ranges_are_sorted_in_a_copy)
{
	static const uint64_t addresses[] = {0x3000, 0x1000, UINT64_MAX - 1, 0x2000};
	static const uint64_t sorted[] = {0x1000, 0x2000, 0x3000, UINT64_MAX - 1};
	struct audit_range ranges[4];

	audit_sort_ranges(audit, ranges);
	for (size_t i = 0; i < 4; i++)
		audit_add_range(audit, i, addresses[i], 1, i == 0);
	audit_sort_ranges(audit, ranges);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(ranges[i].va, sorted[i]);
		cr_expect_eq(audit->ranges[i].va, addresses[i]);
	}
	cr_expect(ranges[2].is_sealed);
}

Test(audit_report, pages)
{
	cr_expect_eq(audit_page_of(0x1fff), 0x1000);
	cr_expect_eq(audit_page_of(0x2000), 0x2000);
	cr_expect_eq(audit_page_end(0x1000, 1), 0x2000);
	cr_expect_eq(audit_page_end(0x1000, 0x1000), 0x2000);
	cr_expect_eq(audit_page_end(0x1fff, 2), 0x3000);
}

/* Scripts know kinds by name; people want to know what to do. */
Test(audit_report, every_kind_has_a_name_of_its_own_and_advice)
{
	for (int i = 0; i < AUDIT_NR_KINDS; i++) {
		const char *name = audit_kind_name((enum audit_kind)i);

		cr_assert_not_null(name, "%d", i);
		cr_expect_eq(name[strspn(name, "abcdefghijklmnopqrstuvwxyz-")], '\0');
		cr_assert_not_null(audit_kind_advice((enum audit_kind)i), "%s", name);
		cr_expect((i == AUDIT_KIND_NONE) ==
				  (*audit_kind_advice((enum audit_kind)i) == '\0'),
			  "%s", name);
		for (int j = 0; j < i; j++)
			cr_expect_str_neq(name, audit_kind_name((enum audit_kind)j));
	}
	for (int i = 0; i < AUDIT_NR_GROUPS; i++)
		cr_expect_not_null(audit_group_name((enum audit_group)i));
	cr_expect_str_eq(audit_verdict_name(AUDIT_UNSEALED), "unsealed");
	cr_expect_str_eq(audit_verdict_name(AUDIT_INFO), "info");
}
