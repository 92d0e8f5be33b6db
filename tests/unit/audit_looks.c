/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/looks.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

static struct small small;
/* Two looks at it. */
static struct audit before, now;

static void fill(void)
{
}

static void setup(void)
{
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	before = now = small.audit;
}

static void teardown(void)
{
	/* The mappings are shared by all three. */
	before.mappings = now.mappings = (struct mappings){0};
	audit_free(&before);
	audit_free(&now);
	small_close(&small);
}

TestSuite(audit_looks, .init = setup, .fini = teardown);

static size_t add_row(struct audit *audit, const char *name, enum audit_verdict verdict)
{
	struct audit_row row = {.verdict = verdict, .address = SMALL_SEALED};

	snprintf(row.name, sizeof(row.name), "%s", name);
	return audit_add_row(audit, &row);
}

Test(audit_looks, nothing_to_confirm_holds_at_once)
{
	add_row(&now, "sealed", AUDIT_SEALED);
	add_row(&now, "told", AUDIT_INFO);
	cr_expect(looks_agree(&now, NULL));
}

/* A capture made while modules came and went: "the list of modules is broken ... take a
 * memory image, then reboot" of one that was not.
 */
Test(audit_looks, modules_of_a_capture_that_is_not_one_moment)
{
	size_t list = add_row(&now, "list of modules", AUDIT_SEALED),
	       row = add_row(&now, "row", AUDIT_SEALED);

	now.rows[list].group = AUDIT_MODULES;
	now.rows[row].group = AUDIT_LSM;
	audit_find(&now, list, AUDIT_LIST_BROKEN, SMALL_SEALED, 0, "broken");
	looks_distrust(&now);
	cr_expect_eq(now.nr_findings, 0);
	cr_expect_eq(now.rows[list].verdict, AUDIT_UNKNOWN);
	cr_expect_not_null(strstr(now.rows[list].detail, "VM is paused"));
	cr_expect_eq(audit_status(&now), 2);
	/* What no load of a module changes is told. */
	audit_find(&now, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "1 page of row");
	looks_distrust(&now);
	cr_expect_eq(now.nr_findings, 1);
	cr_expect_eq(now.rows[row].verdict, AUDIT_UNSEALED);
}

Test(audit_looks, a_finding_must_have_been_there_before)
{
	size_t row = add_row(&now, "row", AUDIT_SEALED);

	audit_find(&now, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "1 page of row");
	cr_expect_not(looks_agree(&now, NULL));
	add_row(&before, "another", AUDIT_SEALED);
	row = add_row(&before, "row", AUDIT_SEALED);
	cr_expect_not(looks_agree(&now, &before));
	/* Of other words and size, but of the same page. */
	audit_find(&before, row, AUDIT_WRITABLE, SMALL_SEALED, 8192, "2 pages of row");
	cr_expect(looks_agree(&now, &before));
	looks_merge(&now, &before);
	looks_finish(&now, &before);
	cr_expect_eq(now.nr_findings, 1);
	cr_expect_eq(now.nr_notices, 0);
	cr_expect_eq(audit_status(&now), 1);
}

/* A live patch came, went and came again: its site led to another trampoline each time,
 * and neither was told to be hijacked by itself.
 */
Test(audit_looks, what_leads_elsewhere_is_another_finding)
{
	size_t row = add_row(&now, "row", AUDIT_SEALED);

	audit_find(&now, row, AUDIT_BRANCH_OUTSIDE, SMALL_TEXT, 5, "a call");
	add_row(&before, "row", AUDIT_SEALED);
	audit_find(&before, row, AUDIT_BRANCH_OUTSIDE, SMALL_TEXT, 5, "a call");
	now.findings[0].target = before.findings[0].target = SMALL_MODULE;
	cr_expect(looks_agree(&now, &before));
	before.findings[0].target += 4096;
	cr_expect_not(looks_agree(&now, &before));
	looks_finish(&now, &before);
	cr_expect_eq(now.nr_findings, 0);
	cr_expect_eq(now.rows[row].verdict, AUDIT_UNKNOWN);
}

/* Each differs in one thing. */
Test(audit_looks, what_makes_another_finding)
{
	size_t row = add_row(&now, "row", AUDIT_SEALED),
	       same = add_row(&before, "row", AUDIT_SEALED),
	       other = add_row(&before, "other row", AUDIT_SEALED);

	audit_find(&now, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "it");
	audit_find(&before, other, AUDIT_WRITABLE, SMALL_SEALED, 4096, "it");
	audit_find(&before, same, AUDIT_DIRTY, SMALL_SEALED, 4096, "it");
	audit_find(&before, same, AUDIT_WRITABLE, SMALL_DATA, 4096, "it");
	cr_expect_not(looks_agree(&now, &before));
	looks_merge(&now, &before);
	cr_expect_eq(now.nr_vanished, 3);
}

Test(audit_looks, an_unknown_row_is_looked_at_again)
{
	add_row(&now, "row", AUDIT_UNKNOWN);
	cr_expect_not(looks_agree(&now, NULL));
	add_row(&before, "row", AUDIT_UNKNOWN);
	cr_expect(looks_agree(&now, &before));
	looks_finish(&now, &before);
	cr_expect_eq(audit_status(&now), 2);
}

Test(audit_looks, what_vanished_is_counted_and_left_out)
{
	size_t row = add_row(&before, "row", AUDIT_SEALED);

	audit_find(&before, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "it");
	add_row(&now, "row", AUDIT_SEALED);
	cr_expect(looks_agree(&now, &before));
	looks_merge(&now, &before);
	looks_finish(&now, &before);
	cr_expect_eq(audit_status(&now), 0);
	cr_assert_eq(now.nr_notices, 1);
	cr_expect_str_eq(now.notices[0].message,
			 "1 finding vanished on a second look and is left out: the "
			 "kernel was changing");
}

/* The last look has one finding that the look before had, and one that it had not. */
Test(audit_looks, what_will_not_hold_still_is_unknown)
{
	size_t row = add_row(&before, "damaged", AUDIT_SEALED);

	add_row(&before, "moving", AUDIT_SEALED);
	audit_find(&before, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "damaged");
	row = add_row(&now, "damaged", AUDIT_SEALED);
	audit_find(&now, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "damaged");
	audit_find(&now, row, AUDIT_DIRTY, SMALL_SEALED, 4096, "damaged, too");
	row = add_row(&now, "moving", AUDIT_SEALED);
	audit_find(&now, row, AUDIT_WRITABLE, SMALL_DATA, 4096, "moving");
	cr_expect_not(looks_agree(&now, &before));
	looks_finish(&now, &before);
	cr_assert_eq(now.nr_findings, 1);
	cr_expect_str_eq(now.findings[0].message, "damaged");
	cr_expect_eq(now.rows[0].verdict, AUDIT_UNSEALED);
	cr_expect_eq(now.rows[1].verdict, AUDIT_UNKNOWN);
	cr_expect_eq(strncmp(now.rows[1].detail, "changing ", 9), 0);
	cr_expect_eq(audit_status(&now), 3);
}

/* A page may unseal more rows than the one that its finding is told of. */
Test(audit_looks, a_row_unsealed_by_anothers_finding)
{
	size_t row;

	add_row(&before, "small", AUDIT_SEALED);
	add_row(&before, "large", AUDIT_SEALED);
	row = add_row(&now, "small", AUDIT_SEALED);
	add_row(&now, "large", AUDIT_UNSEALED);
	audit_find(&now, row, AUDIT_WRITABLE, SMALL_SEALED, 4096, "small");
	looks_finish(&now, &before);
	cr_expect_eq(now.rows[0].verdict, AUDIT_UNKNOWN);
	cr_expect_eq(now.rows[1].verdict, AUDIT_UNKNOWN);
}
