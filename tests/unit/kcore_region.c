/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/region.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"

Test(kcore_region, sections_and_fixed_ranges)
{
	static const struct {
		uint64_t va;
		enum region_kind kind;
	} expected[] = {
		{FAKE_STEXT, REGION_TEXT},
		{FAKE_RODATA, REGION_RODATA},
		{FAKE_RO_AFTER_INIT, REGION_RO_AFTER_INIT},
		{0xffffffff813ff000, REGION_RODATA},
		{FAKE_DATA, REGION_DATA},
		{0xffffffff81500010, REGION_BSS},
		{0xffffffff811fff00, REGION_FREED_GAP},
		{0xffffffff81600000, REGION_IMAGE},
		{FAKE_DIRECT_MAP + 0x1000, REGION_DIRECT_MAP},
		{FAKE_DIRECT_MAP + FAKE_RAM_BYTES, REGION_UNKNOWN},
		{0xfffffe0000000000, REGION_CPU_ENTRY_AREA},
		{0xffffff0000000000, REGION_ESPFIX},
		{0xffffffffff5fb000, REGION_FIXMAP},
		{0xffffffffff600000, REGION_VSYSCALL},
		{0xffff800000000000, REGION_GUARD_HOLE},
		{0x1000, REGION_USER},
		{0x8000000000000000, REGION_NON_CANONICAL},
	};
	struct fake fake = {0};
	struct kernel kernel;
	struct error err = {0};
	struct source source;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct region *region = region_of(&kernel, expected[i].va);

		cr_expect_eq(region->kind, expected[i].kind, "%lx: %s", expected[i].va,
			     region->name);
		cr_expect_not_null(region->name);
		cr_expect_not_null(region->meaning);
	}
	kernel_close(&kernel);
	fake_close(&fake);
}

/* Between two bounds, and from the last one on, all addresses are of one region. */
Test(kcore_region, bounds_are_where_regions_end)
{
	static const char *const captures[] = {"5.10", "6.1", "6.12", "7"};

	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		uint64_t *bounds, random = 1;
		struct kernel kernel;
		struct source source;
		struct error err = {0};
		char path[64];
		size_t nr;

		snprintf(path, sizeof(path), "tests/data/captures/%s.zst", captures[i]);
		cr_assert_eq(source_open_core(&source, path, &err), 0);
		cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
		cr_assert_eq(region_bounds(&kernel, &bounds, &nr), 0);
		for (size_t j = 0; j < nr; j++) {
			uint64_t next = j + 1 < nr ? bounds[j + 1] : 0;
			const struct region *region = region_of(&kernel, bounds[j]);

			cr_assert(j == 0 || bounds[j] >= bounds[j - 1]);
			if (next == bounds[j])
				continue;
			cr_expect_eq(region_of(&kernel, next - 1), region, "%lx",
				     bounds[j]);
			for (int k = 0; k < 100; k++) {
				random = random * 6364136223846793005ULL +
					 1442695040888963407ULL;
				cr_expect_eq(region_of(&kernel,
						       bounds[j] + random % (next -
									     bounds[j])),
					     region, "%lx", bounds[j]);
			}
		}
		free(bounds);
		kernel_close(&kernel);
		source_close(&source);
	}
}
