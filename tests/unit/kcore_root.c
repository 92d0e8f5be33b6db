/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/root.h"

#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

static struct fake fake;
static struct kernel kernel;

/* A process's root and, a page above it, the copy for user mode: without NX. */
static void fill(unsigned char *ram)
{
	const uint64_t entry = 0x8000000000003067, in_copy = 0x3067;

	memcpy(ram + FAKE_FREE_PA, &entry, sizeof(entry));
	memcpy(ram + FAKE_FREE_PA + PAGE_BYTES, &in_copy, sizeof(in_copy));
}

static void setup(void)
{
	struct error err = {0};
	struct source source;

	fake = (struct fake){.fill = fill};
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
	struct root root;

	cr_expect_str_eq(root_name(&kernel.root), "swapper_pg_dir");
	cr_assert_eq(root_given(&kernel, 0x7000, &root, &err), 0);
	cr_expect_str_eq(root_name(&root), "given");
	/* It is the caller's to use. */
	pt_walk(&kernel.pt, FAKE_STEXT, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	kernel_walk_from(&kernel, &root);
	/* An empty table maps nothing. */
	pt_walk(&kernel.pt, FAKE_STEXT, &walk);
	cr_expect_eq(walk.verdict, PT_UNMAPPED);
	cr_expect_str_eq(root_name(&kernel.root), "given");
}

Test(kcore_root, no_root_there)
{
	static const uint64_t roots[] = {0x1234, FAKE_RAM_BYTES, UINT64_MAX & ~0xfffULL};

	for (size_t i = 0; i < 3; i++) {
		struct root root = {.pa = 1};
		struct error err = {0};

		cr_expect_lt(root_given(&kernel, roots[i], &root, &err), 0);
		cr_expect_eq(err.code, ERROR_NO_SUCH_ROOT);
		cr_expect_eq(root.pa, 1);
	}
}

Test(kcore_root, a_user_copy)
{
	struct root root = {.kind = ROOT_GIVEN, .pa = FAKE_FREE_PA}, copy;
	struct error err = {0};

	cr_assert_eq(root_user_copy(&kernel, &root, &copy, &err), 0, "%s", err.message);
	cr_expect_eq(copy.pa, FAKE_FREE_PA + PAGE_BYTES);
	cr_expect_str_eq(root_name(&copy), "given-user");
	/* Of a copy there is none. */
	cr_expect_lt(root_user_copy(&kernel, &copy, &copy, &err), 0);
}

Test(kcore_root, no_user_copy_without_pti)
{
	struct error err = {0};
	struct root copy;

	cr_expect_lt(root_user_copy(&kernel, &kernel.root, &copy, &err), 0);
	cr_expect_eq(err.code, ERROR_NO_SUCH_ROOT);
}

Test(kcore_root, a_process_needs_btf)
{
	struct error err = {0};
	struct root root;

	cr_expect_lt(root_of_process(&kernel, 1, &root, &err), 0);
	cr_expect_eq(err.code, ERROR_NO_SUCH_ROOT);
}
