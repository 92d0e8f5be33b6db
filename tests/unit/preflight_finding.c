/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/finding.h"

#include <criterion/criterion.h>

#include "small.h"

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

Test(preflight_finding, the_exact_one_of_a_site_stays)
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

Test(preflight_finding, of_one_verdict_the_exact_one_comes_first)
{
	struct findings findings = {0};

	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2000, false);
	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2010, true);
	finding_sort(&findings);
	cr_assert_eq(findings.nr, 1);
	cr_expect(findings.array[0].target.is_exact);
	finding_free(&findings);
}

Test(preflight_finding, other_sites_objects_and_places_stay)
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

Test(preflight_finding, a_worse_inexact_one_is_not_lost)
{
	struct findings findings = {0};

	add(&findings, FINDING_WOULD_FAULT, 0x100, "table", 0x2000, false);
	add(&findings, FINDING_SUSPECT, 0x100, "table", 0x2010, true);
	finding_sort(&findings);
	cr_expect_eq(findings.array[0].verdict, FINDING_WOULD_FAULT);
	cr_expect_eq(findings.nr, 2);
	finding_free(&findings);
}

static void fill(void)
{
}

/* Memory of the kernel's image, by its address in the direct map. */
Test(preflight_finding, an_alias_has_the_name_of_its_object)
{
	struct finding finding = {0};
	const struct exports exports = {0};
	struct addrspace space;
	struct small small;
	uint64_t pa = 0x200000, va;

	small_open(&small,
		   "ffffffff81000000 T _text\n"
		   "ffffffff81000000 T _stext\n"
		   "ffffffff81000100 T helper\n"
		   "ffffffff81000400 T _etext\n"
		   "ffffffff81603000 B _end\n",
		   fill, NULL);
	cr_assert_eq(addrspace_open(&space, &small.kernel, &exports), 0);
	cr_assert(kernel_direct_map(&small.kernel, pa + 0x108, &va));
	finding_set_target(&finding, &space, va, true);
	cr_expect_eq(finding.target.address, va);
	cr_expect_str_eq(finding.target.name.symbol, "helper");
	cr_expect_eq(finding.target.name.offset, 8);
	cr_expect_str_eq(finding.target.name.region, "direct map");
	addrspace_close(&space);
	small_close(&small);
}
