/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/aliases.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "kcore/region.h"

/* The mappings of a symbol of a captured kernel other than its own. */
static size_t aliases_of(const char *capture, const char *name, struct alias **ret,
			 struct kernel *kernel, struct source *source)
{
	struct error err = {0};
	struct aliases aliases = {0};
	struct pt_walk walk;
	char path[64];
	size_t nr = 0;
	uint64_t va = 0;

	snprintf(path, sizeof(path), "tests/data/captures/%s.zst", capture);
	cr_assert_eq(source_open_core(source, path, &err), 0);
	cr_assert_eq(kernel_open(kernel, source, &err), 0, "%s", err.message);
	cr_assert(symbols_address(&kernel->symbols, name, &va));
	pt_walk(&kernel->pt, va, &walk);
	cr_assert_eq(aliases_find(&aliases, kernel, walk.pa, 16, va, ret, &nr), 0);
	cr_expect(aliases.is_complete);
	cr_expect_gt(aliases.nr_tables, 50);
	aliases_close(&aliases);
	return nr;
}

Test(kcore_aliases, idt_table_has_three_mappings)
{
	static const char *const captures[] = {"5.10", "6.1", "6.12", "7"};

	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		struct alias *aliases = NULL;
		bool has_entry_area = false;
		struct kernel kernel;
		struct source source;
		size_t nr = aliases_of(captures[i], "idt_table", &aliases, &kernel,
				       &source);

		cr_expect_eq(nr, 2, "%s: %zu", captures[i], nr);
		for (size_t j = 0; j < nr; j++) {
			cr_expect_eq(aliases[j].verdict, PT_READ_ONLY, "%s", captures[i]);
			cr_expect_eq(aliases[j].size_bytes, 16);
			has_entry_area |= region_of(&kernel, aliases[j].va)->kind ==
					  REGION_CPU_ENTRY_AREA;
		}
		cr_expect(has_entry_area, "%s", captures[i]);
		free(aliases);
		kernel_close(&kernel);
		source_close(&source);
	}
}

/* Sealed where it is named, writable in the other mapping. */
Test(kcore_aliases, a_writable_alias_of_sealed_data)
{
	struct fake fake = {.alias_entry = 0x80000000022001e3};
	struct alias *found = NULL;
	struct aliases aliases = {0};
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	struct pt_walk walk;
	size_t nr;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	pt_walk(&kernel.pt, FAKE_RO_AFTER_INIT, &walk);
	cr_assert_eq(aliases_find(&aliases, &kernel, walk.pa, 2752, FAKE_RO_AFTER_INIT,
				  &found, &nr),
		     0);
	cr_assert_eq(nr, 1);
	cr_expect_eq(found[0].verdict, PT_WRITABLE);
	cr_expect_eq(found[0].va, FAKE_ALIAS + FAKE_RO_AFTER_INIT - FAKE_RODATA);
	cr_expect_eq(found[0].size_bytes, 2752);
	free(found);
	aliases_close(&aliases);
	kernel_close(&kernel);
	fake_close(&fake);
}

/* Two mappings of 4-KiB pages of .rodata's 2-MiB page, one of them backwards. */
static void map_pages_again(unsigned char *ram)
{
	const uint64_t rw_nx = 0x8000000000000163;

	for (uint64_t i = 0; i < 8; i++) {
		const uint64_t entries[] = {(0x2200000 + i * 4096) | rw_nx,
					    (0x2200000 + (7 - i) * 4096) | rw_nx};

		memcpy(ram + FAKE_SMALL_TABLE_PA + 8 * (16 + i), &entries[0], 8);
		memcpy(ram + FAKE_SMALL_TABLE_PA + 8 * (32 + i), &entries[1], 8);
	}
}

static void expect_alias(const struct alias *alias, uint64_t va, uint64_t size_bytes)
{
	cr_expect_eq(alias->va, va, "%lx", alias->va);
	cr_expect_eq(alias->size_bytes, size_bytes, "%lx: %lu", va, alias->size_bytes);
	cr_expect_eq(alias->verdict, PT_WRITABLE);
}

/* Frame by frame, each by addresses: what comes backwards joins nothing. */
Test(kcore_aliases, order_and_parts)
{
	struct fake fake = {.fill = map_pages_again};
	struct aliases aliases = {0};
	struct alias *found;
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	size_t nr;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_eq(aliases_find(&aliases, &kernel, 0x2201ff0, 0x1010,
				  FAKE_RODATA + 0x1ff0, &found, &nr),
		     0);
	cr_assert_eq(nr, 3);
	expect_alias(&found[0], FAKE_SMALL + 17 * 4096 + 0xff0, 0x1010);
	expect_alias(&found[1], FAKE_SMALL + 38 * 4096 + 0xff0, 16);
	expect_alias(&found[2], FAKE_SMALL + 37 * 4096, 4096);
	free(found);
	aliases_close(&aliases);
	kernel_close(&kernel);
	fake_close(&fake);
}

/* What is told beforehand costs one sweep for all; what is not, one more. */
Test(kcore_aliases, one_sweep_for_all_that_was_expected)
{
	struct fake fake = {.fill = map_pages_again};
	struct aliases aliases = {0};
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	uint64_t nr_reads;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	for (uint64_t i = 0; i < 8; i += 2)
		cr_assert_eq(aliases_expect(&aliases, 0x2200000 + i * 4096, 16), 0);
	cr_assert_eq(aliases_expect(&aliases, 0x2401000, 4096), 0);
	for (uint64_t i = 0; i < 9; i++) {
		uint64_t at = i == 8 ? 1 : i & 6;
		struct alias *found = NULL;
		size_t nr = 0;

		if (i == 1 || i == 8)
			nr_reads = kernel.core.nr_reads;
		cr_assert_eq(aliases_find(&aliases, &kernel, 0x2200000 + at * 4096, 16,
					  FAKE_RODATA + at * 4096, &found, &nr),
			     0);
		cr_assert_eq(nr, 2);
		expect_alias(&found[0], FAKE_SMALL + (16 + at) * 4096, 16);
		expect_alias(&found[1], FAKE_SMALL + (39 - at) * 4096, 16);
		free(found);
		if (i == 7)
			cr_expect_eq(kernel.core.nr_reads, nr_reads, "no sweep since");
		if (i == 8)
			cr_expect_gt(kernel.core.nr_reads, nr_reads, "one more sweep");
	}
	/* Nothing else is kept: two mappings of four frames, and of one more. */
	cr_expect_leq(aliases.nr_seen, 16);
	aliases_close(&aliases);
	kernel_close(&kernel);
	fake_close(&fake);
}
