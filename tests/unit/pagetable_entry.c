/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pagetable/entry.h"

#include <criterion/criterion.h>

static const struct pt_format plain = {
	.levels = 4,
	.phys_bits = 46,
	.pa_mask = (1ULL << 52) - 1,
};

Test(pagetable_entry, names_levels_as_the_kernel_does)
{
	cr_expect_str_eq(pt_level_name(PT_P4D, 4), "PGD");
	cr_expect_str_eq(pt_level_name(PT_P4D, 5), "P4D");
	cr_expect_str_eq(pt_level_name(PT_PGD, 5), "PGD");
	cr_expect_str_eq(pt_level_name(PT_PUD, 4), "PUD");
	cr_expect_str_eq(pt_level_name(PT_PMD, 5), "PMD");
	cr_expect_str_eq(pt_level_name(PT_PTE, 5), "PTE");
}

Test(pagetable_entry, spans)
{
	cr_expect_eq(pt_level_span(PT_PTE), 4096);
	cr_expect_eq(pt_level_span(PT_PMD), 2097152);
	cr_expect_eq(pt_level_span(PT_PUD), 1073741824);
	cr_expect_eq(pt_level_span(PT_PGD), 1ULL << 48);
}

Test(pagetable_entry, indices)
{
	cr_expect_eq(pt_level_index(PT_P4D, 0xffffffffaa6f0210), 511);
	cr_expect_eq(pt_level_index(PT_PMD, 0xffffffffaa6f0210), 0xa98 / 8);
	cr_expect_eq(pt_level_index(PT_PTE, 0xffffffffaa6f0210), 0x780 / 8);
	cr_expect_eq(pt_level_index(PT_PGD, 0xff11000000000000), 0x888 / 8);
}

Test(pagetable_entry, leaf_only_where_the_cpu_sees_one)
{
	cr_expect(pt_entry_is_leaf(0x1e3, PT_PMD));
	cr_expect(pt_entry_is_leaf(0x1e3, PT_PUD));
	cr_expect(pt_entry_is_leaf(0x063, PT_PTE));
	cr_expect_not(pt_entry_is_leaf(0x1e3, PT_P4D));
	cr_expect_not(pt_entry_is_leaf(0x063, PT_PMD));
	cr_expect_not(pt_entry_is_leaf(0x1e2, PT_PMD));
	cr_expect_not(pt_entry_is_leaf(0x000, PT_PTE));
}

Test(pagetable_entry, pat_index)
{
	cr_expect_eq(pt_entry_pat(0x063, PT_PTE), 0);
	cr_expect_eq(pt_entry_pat(0x073, PT_PTE), 2);
	cr_expect_eq(pt_entry_pat(0x0fb, PT_PTE), 7);
	cr_expect_eq(pt_entry_pat(0x0e3, PT_PMD), 0);
	cr_expect_eq(pt_entry_pat(0x10eb, PT_PMD), 5);
}

Test(pagetable_entry, address_of_a_table_keeps_bit_12)
{
	cr_expect_eq(pt_entry_pa(&plain, 0x3067, PT_PMD), 0x3000);
	cr_expect_eq(pt_entry_pa(&plain, 0x12011e3, PT_PMD), 0x1200000);
	cr_expect_eq(pt_entry_pa(&plain, 0x800000003faf0061, PT_PTE), 0x3faf0000);
}

/* Each bit alone, at each level: what is reserved, against the manual's figure. */
Test(pagetable_entry, reserved_bits)
{
	for (unsigned bit = 1; bit < 64; bit++) {
		uint64_t entry = 1ULL << bit | PT_PRESENT;
		bool is_high = bit >= 46 && bit <= 51;

		cr_expect_eq(pt_entry_reserved(&plain, entry, PT_PTE) != 0, is_high, "%u",
			     bit);
		cr_expect_eq(pt_entry_reserved(&plain, entry, PT_P4D) != 0,
			     is_high || bit == 7, "%u", bit);
		cr_expect_eq(pt_entry_reserved(&plain, entry, PT_PMD) != 0, is_high, "%u",
			     bit);
		entry |= PT_PSE;
		cr_expect_eq(pt_entry_reserved(&plain, entry, PT_PMD) != 0,
			     is_high || (bit >= 13 && bit <= 20), "%u", bit);
		cr_expect_eq(pt_entry_reserved(&plain, entry, PT_PUD) != 0,
			     is_high || (bit >= 13 && bit <= 29), "%u", bit);
	}
}

Test(pagetable_entry, every_present_bit_has_a_name)
{
	struct pt_flag flags[PT_MAX_FLAGS];
	uint64_t seen = 0;
	size_t nr = pt_entry_flags(&plain, UINT64_MAX, PT_PTE, flags);

	for (size_t i = 0; i < nr; i++)
		seen |= flags[i].bit;
	/* All but the address bits below MAXPHYADDR; those above are RESERVED. */
	cr_expect_eq(~seen, ((1ULL << 46) - 1) & ~0xfffULL);
	cr_expect_str_eq(flags[nr - 1].name, "RESERVED");
}
