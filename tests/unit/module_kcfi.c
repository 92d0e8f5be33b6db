/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/kcfi.h"

#include <criterion/criterion.h>

#include "look.h"
#include "small.h"

static uint32_t seed;

static void fill(void)
{
	small_put(SMALL_DATA + 0x40, seed);
}

static uint32_t seed_of(const char *kallsyms, uint32_t its_seed)
{
	struct small small;
	uint32_t got;

	seed = its_seed;
	small_open(&small, kallsyms, fill, NULL);
	got = kcfi_seed(&small.kernel);
	small_close(&small);
	return got;
}

/* cfi=norand leaves the compiler's; a kernel without CONFIG_FINEIBT has no seed. */
Test(module_kcfi, other_hashes)
{
	static const char with[] = "ffffffff81000000 T _text\n"
				   "ffffffff81000000 T _stext\n"
				   "ffffffff81400040 d cfi_seed\n";
	static const char without[] = "ffffffff81000000 T _text\n"
				      "ffffffff81000000 T _stext\n";

	cr_expect_eq(seed_of(with, 0x1234), 0x1234);
	cr_expect_eq(seed_of(with, 0), 0);
	cr_expect_eq(seed_of(without, 0x1234), 0);
	cr_expect_eq(kcfi_rehash(0x36b1c5a6, 0), 0x36b1c5a6);
	cr_expect_eq(kcfi_rehash(0x36b1c5a6, 0x1234), 0x36b1d792);
	/* What came to be an endbr64, or its negative, is changed once more. */
	cr_expect_eq(kcfi_rehash(0xfa1e0ff3 ^ 1, 1), (0xfa1e0ff3U >> 1) ^ 0x80200003);
	cr_expect_eq(kcfi_rehash(-0xfa1e0ff3U ^ 1, 1), (-0xfa1e0ff3U >> 1) ^ 0x80200003);
}

/* A linked module has them under another name than an object. */
Test(module_kcfi, calls_that_are_checked)
{
	static const int32_t traps[3];
	static const unsigned char code[] = {0xc3};

	for (size_t i = 0; i < 2; i++) {
		const struct ko ko = {
			.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, 1,
				      NULL, 0},
				     {i ? ".kcfi_traps" : "__kcfi_traps", SHF_ALLOC, 0,
				      traps, sizeof(traps), NULL, 0}},
			.nr_sections = 2,
		};
		static struct look of;

		look_at(&of, &ko, NULL, 0);
		cr_expect_eq(kcfi_nr_calls(&of.file), 3, "%zu", i);
		look_away(&of);
	}
}
