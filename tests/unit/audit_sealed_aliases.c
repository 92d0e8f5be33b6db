/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other mappings of sealed frames, in a small kernel: two sealed pages at SMALL_SEALED,
 * and what SMALL_MODULE's two entries map.
 */
#include "audit/sealed_aliases.h"

#include <criterion/criterion.h>
#include <string.h>

#include "audit/pages.h"
#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81300000 D table\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

static const uint64_t FIRST = SMALL_SEALED, SECOND = SMALL_SEALED + PAGE_BYTES,
		      FIRST_PA = 0x110000, SECOND_PA = 0x111000;

/* Of SMALL_MODULE's two pages and of the second sealed page; 0: as they are. */
static uint64_t module_entries[2], second_entry;

static void fill(void)
{
	if (module_entries[0])
		small_put_pa(SMALL_MODULE_ENTRY_PA, module_entries[0]);
	if (module_entries[1])
		small_put_pa(SMALL_MODULE_2_ENTRY_PA, module_entries[1]);
	if (second_entry)
		small_put_pa(SMALL_SEALED_2_ENTRY_PA, second_entry);
}

static void seal(struct small *small, uint64_t va, uint64_t size_bytes)
{
	const struct audit_row row = {.name = "row", .expected = "r--"};

	pages_check(&small->audit, audit_add_row(&small->audit, &row), va, size_bytes);
}

/* The violations that are noted, as address and target. */
static void expect(const struct small *small, size_t nr, const uint64_t aliases[][2])
{
	const struct audit *audit = &small->audit;
	size_t nr_seen = 0;

	for (size_t i = 0; i < audit->nr_violations; i++) {
		const struct audit_violation *seen = &audit->violations[i];

		if (seen->kind != AUDIT_WRITABLE_ALIAS)
			continue;
		cr_assert_lt(nr_seen, nr, "%lx of %lx", seen->va, seen->target);
		cr_expect_eq(seen->va, aliases[nr_seen][0], "%lx", seen->va);
		cr_expect_eq(seen->target, aliases[nr_seen][1], "%lx", seen->target);
		cr_expect_eq(seen->size_bytes, PAGE_BYTES);
		nr_seen++;
	}
	cr_expect_eq(nr_seen, nr);
}

static void begin(struct small *small)
{
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 0, NULL);
}

Test(audit_sealed_aliases, none_where_nothing_maps_the_frames_writable)
{
	struct small small;

	module_entries[0] = FIRST_PA | SMALL_RO_NX;
	begin(&small);
	seal(&small, FIRST, 2 * PAGE_BYTES);
	cr_assert_eq(sealed_aliases_find(&small.audit), 0);
	expect(&small, 0, NULL);
	small_close(&small);
}

Test(audit_sealed_aliases, a_part_of_a_range)
{
	static const uint64_t aliases[][2] = {{SMALL_MODULE, SMALL_SEALED + PAGE_BYTES}};
	struct small small;

	module_entries[0] = SECOND_PA | SMALL_RW_NX;
	begin(&small);
	seal(&small, FIRST, 2 * PAGE_BYTES);
	cr_assert_eq(sealed_aliases_find(&small.audit), 0);
	expect(&small, 1, aliases);
	small_close(&small);
}

/* The vsyscall page is such a one: its frame lies in the middle of .rodata. */
Test(audit_sealed_aliases, behind_a_shorter_range_of_the_same_frames)
{
	static const uint64_t aliases[][2] = {
		{SMALL_MODULE + PAGE_BYTES, SMALL_SEALED + PAGE_BYTES}};
	struct small small;

	module_entries[0] = FIRST_PA | SMALL_RO_NX;
	module_entries[1] = SECOND_PA | SMALL_RW_NX;
	begin(&small);
	seal(&small, FIRST, 2 * PAGE_BYTES);
	seal(&small, SMALL_MODULE, PAGE_BYTES);
	cr_assert_eq(sealed_aliases_find(&small.audit), 0);
	expect(&small, 1, aliases);
	small_close(&small);
}

/* The range itself is told; an alias adds nothing. */
Test(audit_sealed_aliases, of_a_page_that_is_open_itself)
{
	struct small small;

	second_entry = SECOND_PA | SMALL_RW_NX;
	module_entries[0] = SECOND_PA | SMALL_RW_NX;
	begin(&small);
	seal(&small, SECOND, PAGE_BYTES);
	cr_assert_eq(sealed_aliases_find(&small.audit), 0);
	expect(&small, 0, NULL);
	small_close(&small);
}
