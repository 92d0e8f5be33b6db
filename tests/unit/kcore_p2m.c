/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/p2m.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "pagetable/entry.h"

enum { MISSING = -1 };

static const uint64_t IDENTITY = 1ULL << 62, FOREIGN = 1ULL << 63;

static struct p2m p2m;

static int64_t pfn_of(uint64_t mfn)
{
	uint64_t pfn;

	return p2m_pfn(&p2m, mfn, &pfn) ? (int64_t)pfn : MISSING;
}

static void make(void)
{
	/* Frames 0 to 2 run on, 3 and 4 are swapped, 5 is missing, 6 is lent by another
	 * domain, 7 is a device's.
	 */
	const uint64_t first[] = {100, 101, 102, 51},
		       second[] = {50, UINT64_MAX, FOREIGN | 70, IDENTITY | 7};

	cr_assert_eq(p2m_add(&p2m, 0, first, 4), 0);
	cr_assert_eq(p2m_add(&p2m, 4, second, 4), 0);
	p2m_sort(&p2m);
}

static void done(void)
{
	p2m_close(&p2m);
}

TestSuite(kcore_p2m, .init = make, .fini = done);

Test(kcore_p2m, finds_the_domains_frame)
{
	cr_expect_eq(pfn_of(100), 0);
	cr_expect_eq(pfn_of(102), 2);
	cr_expect_eq(pfn_of(51), 3);
	cr_expect_eq(pfn_of(50), 4);
	cr_expect_eq(pfn_of(7), 7);
	cr_expect_eq(p2m.nr, 4);
}

Test(kcore_p2m, has_not_what_the_domain_has_not)
{
	static const uint64_t others[] = {0, 6, 8, 49, 52, 70, 99, 103, UINT64_MAX};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect_eq(pfn_of(others[i]), MISSING, "%lu", others[i]);
}

Test(kcore_p2m, entries_keep_their_bits)
{
	static const uint64_t mask = (1ULL << 52) - 1;

	cr_expect_eq(p2m_entry(&p2m, PT_NX | 101 << 12 | 0x67, mask),
		     PT_NX | 1 << 12 | 0x67);
	cr_expect_eq(p2m_entry(&p2m, 99 << 12 | 0x67, mask),
		     P2M_ELSEWHERE | 99 << 12 | 0x67);
	/* Not present: no frame is meant. */
	cr_expect_eq(p2m_entry(&p2m, 101 << 12, mask), 101 << 12);
}

Test(kcore_p2m, an_entry_is_held_against_the_list)
{
	cr_expect(p2m_is_entry(100, 100));
	cr_expect(p2m_is_entry(IDENTITY | 7, 7));
	cr_expect_not(p2m_is_entry(101, 100));
	cr_expect_not(p2m_is_entry(FOREIGN | 70, 70));
	cr_expect_not(p2m_is_entry(UINT64_MAX, UINT64_MAX));
}

Test(kcore_p2m, a_captures_runs_are_read_back)
{
	struct p2m again;
	uint64_t pfn;

	cr_assert_eq(p2m_parse(&again, p2m.runs, p2m.nr * sizeof(*p2m.runs)), 0);
	cr_expect(p2m_pfn(&again, 102, &pfn));
	cr_expect_eq(pfn, 2);
	p2m_close(&again);
	cr_expect_eq(p2m_parse(&again, p2m.runs, sizeof(*p2m.runs) - 1), -EINVAL);
	cr_expect_eq(p2m_parse(&again, p2m.runs, 0), -EINVAL);
}
