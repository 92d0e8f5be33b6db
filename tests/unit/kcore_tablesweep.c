/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/tablesweep.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "fake.h"

struct sum {
	uint64_t mapped_bytes;
	int answer;
};

static int add(void *ctx, const struct pt_leaf *leaf)
{
	struct sum *sum = ctx;

	sum->mapped_bytes += leaf->size_bytes;
	return sum->answer;
}

Test(kcore_tablesweep, all_pages_and_how_many_tables)
{
	struct fake fake = {0};
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	struct sum sum = {0};
	size_t nr_tables = 0;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_expect_eq(tablesweep_run(&kernel.pt, pt_kernel_half(4), UINT64_MAX, add, &sum,
				    &nr_tables),
		     0);
	cr_expect_eq(sum.mapped_bytes, (5ULL << 21) + 2 * 4096);
	cr_expect_eq(nr_tables, 5, "%zu", nr_tables);
	sum.answer = -EINTR;
	cr_expect_eq(tablesweep_run(&kernel.pt, pt_kernel_half(4), UINT64_MAX, add, &sum,
				    NULL),
		     -EINTR);
	kernel_close(&kernel);
	fake_close(&fake);
}
