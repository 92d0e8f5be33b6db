/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/finding.h"

#include <criterion/criterion.h>

static struct finding *add(struct findings *findings, enum finding_verdict verdict,
			   uint64_t site, const char *symbol, uint64_t target,
			   bool is_exact)
{
	struct finding *finding = finding_add(findings, verdict, "store");

	cr_assert_not_null(finding);
	finding->has_site = finding->has_target = true;
	finding->site.address = site;
	finding->target.address = target;
	finding->target.name.symbol = symbol;
	finding->target.is_exact = is_exact;
	return finding;
}

Test(module_finding, the_exact_one_of_a_site_stays)
{
	struct findings findings = {0};

	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2000, false);
	add(&findings, FINDING_WOULD_FAULT, 0x100, "table", 0x2010, true);
	finding_sort(&findings);
	cr_assert_eq(findings.nr, 1);
	cr_expect_eq(findings.array[0].target.address, 0x2010);
	cr_expect_eq(findings.array[0].verdict, FINDING_WOULD_FAULT);
	finding_free(&findings);
}

Test(module_finding, of_one_verdict_the_exact_one_comes_first)
{
	struct findings findings = {0};

	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2000, false);
	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2010, true);
	finding_sort(&findings);
	cr_assert_eq(findings.nr, 1);
	cr_expect(findings.array[0].target.is_exact);
	finding_free(&findings);
}

Test(module_finding, other_sites_objects_and_places_stay)
{
	struct findings findings = {0};

	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2010, true);
	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2018, true);
	add(&findings, FINDING_SUSPECT, 0x100, "other", 0x3000, false);
	add(&findings, FINDING_SUSPECT, 0x104, "table", 0x2000, false);
	finding_sort(&findings);
	cr_expect_eq(findings.nr, 4);
	finding_free(&findings);
}

Test(module_finding, a_worse_inexact_one_is_not_lost)
{
	struct findings findings = {0};

	add(&findings, FINDING_WOULD_FAULT, 0x100, "table", 0x2000, false);
	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2010, true);
	finding_sort(&findings);
	cr_expect_eq(findings.array[0].verdict, FINDING_WOULD_FAULT);
	cr_expect_eq(findings.nr, 2);
	finding_free(&findings);
}
