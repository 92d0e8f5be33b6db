/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/aliases.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"
#include "kcore/region.h"

/* The mappings of a symbol of a captured kernel other than its own. */
static size_t aliases_of(const char *capture, const char *name, struct alias **ret,
			 struct kernel *kernel, struct source *source)
{
	struct error err = {0};
	struct aliases aliases;
	struct pt_walk walk;
	char path[64];
	size_t nr = 0;
	uint64_t va = 0;

	snprintf(path, sizeof(path), "tests/data/captures/%s.zst", capture);
	cr_assert_eq(source_open_core(source, path, &err), 0);
	cr_assert_eq(kernel_open(kernel, source, &err), 0, "%s", err.message);
	cr_assert(symbols_address(&kernel->symbols, name, &va));
	pt_walk(&kernel->pt, va, &walk);
	cr_assert_eq(aliases_build(&aliases, kernel), 0);
	cr_expect(aliases.is_complete);
	cr_expect_gt(aliases.nr_tables, 50);
	cr_assert_eq(aliases_find(&aliases, kernel, walk.pa, 16, va, ret, &nr), 0);
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
	struct aliases aliases;
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	struct pt_walk walk;
	size_t nr;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	pt_walk(&kernel.pt, FAKE_RO_AFTER_INIT, &walk);
	cr_assert_eq(aliases_build(&aliases, &kernel), 0);
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
