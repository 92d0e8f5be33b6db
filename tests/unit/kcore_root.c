/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/root.h"

#include <criterion/criterion.h>

#include "fake.h"

static struct fake fake;
static struct kernel kernel;

static void setup(void)
{
	struct error err = {0};
	struct source source;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
}

static void teardown(void)
{
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(kcore_root, .init = setup, .fini = teardown);

Test(kcore_root, a_given_root)
{
	struct error err = {0};
	struct pt_walk walk;

	cr_expect_str_eq(root_name(&kernel), "swapper_pg_dir");
	cr_assert_eq(root_use_given(&kernel, 0x7000, &err), 0);
	cr_expect_str_eq(root_name(&kernel), "given");
	/* An empty table maps nothing. */
	pt_walk(&kernel.pt, FAKE_STEXT, &walk);
	cr_expect_eq(walk.verdict, PT_UNMAPPED);
}

Test(kcore_root, no_root_there)
{
	static const uint64_t roots[] = {0x1234, FAKE_RAM_BYTES, UINT64_MAX & ~0xfffULL};

	for (size_t i = 0; i < 3; i++) {
		struct error err = {0};

		cr_expect_lt(root_use_given(&kernel, roots[i], &err), 0);
		cr_expect_eq(err.code, ERROR_NO_SUCH_ROOT);
	}
	cr_expect_eq(kernel.pt.root_pa, FAKE_ROOT_PA);
}

Test(kcore_root, no_user_copy_without_pti)
{
	struct error err = {0};

	cr_expect_lt(root_use_user_copy(&kernel, &err), 0);
	cr_expect_eq(err.code, ERROR_NO_SUCH_ROOT);
	cr_expect_eq(kernel.pt.root_pa, FAKE_ROOT_PA);
}

Test(kcore_root, a_process_needs_btf)
{
	struct error err = {0};

	cr_expect_lt(root_use_process(&kernel, 1, &err), 0);
	cr_expect_eq(err.code, ERROR_NO_SUCH_ROOT);
}
