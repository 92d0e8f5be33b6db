/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/kcfi.h"

#include <criterion/criterion.h>

#include "small.h"

static uint32_t seed;

static void fill(void)
{
	small_put(SMALL_DATA + 0x40, seed);
}

static bool is_rehashed(const char *kallsyms, uint32_t its_seed)
{
	struct small small;
	bool is;

	seed = its_seed;
	small_open(&small, kallsyms, fill, NULL);
	is = kcfi_is_rehashed(&small.kernel);
	small_close(&small);
	return is;
}

/* cfi=norand leaves the compiler's; a kernel without CONFIG_FINEIBT has no seed. */
Test(module_kcfi, other_hashes)
{
	static const char with[] = "ffffffff81000000 T _text\n"
				   "ffffffff81000000 T _stext\n"
				   "ffffffff81400040 d cfi_seed\n";
	static const char without[] = "ffffffff81000000 T _text\n"
				      "ffffffff81000000 T _stext\n";

	cr_expect(is_rehashed(with, 0x1234));
	cr_expect_not(is_rehashed(with, 0));
	cr_expect_not(is_rehashed(without, 0x1234));
}
