/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/tables.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct crash_entry *entry_of(uint64_t value)
{
	static struct crash_entry entry;

	entry = (struct crash_entry){.has_value = true, .value = value};
	return &entry;
}

/* A page fault with four levels; @values end at the first ~0. */
static struct crash fault(uint64_t address, uint64_t code, const uint64_t values[4])
{
	static const enum crash_table order[] = {CRASH_TABLE_PGD, CRASH_TABLE_PUD,
						 CRASH_TABLE_PMD, CRASH_TABLE_PTE};
	struct crash crash = {
		.kind = CRASH_PAGE_FAULT,
		.address_from = CRASH_ADDRESS_HEADLINE,
		.address = address,
		.has_error_code = true,
		.error_code = code,
	};

	for (size_t i = 0; i < 4 && values[i] != ~0ULL; i++)
		crash.tables[order[i]] = *entry_of(values[i]);
	crash.tables[CRASH_TABLE_P4D] = crash.tables[CRASH_TABLE_PGD];
	return crash;
}

Test(oops_tables, denials)
{
	enum { END = -1 };
	static const struct {
		uint64_t address, code, values[4];
		enum tables_denial denial;
		int denied_by;
	} rows[] = {
		/* 4.19, 5.10 */
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf0061},
		 TABLES_NO_RW,
		 3},
		{0xffffffffba394ff8,
		 3,
		 {0x3b80e067, 0x3b80f063, 0x800000003b2001e1, ~0ULL},
		 TABLES_NO_RW,
		 2},
		/* An upper level denies. */
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f061, 0x34367063, 0x800000003faf0063},
		 TABLES_NO_RW,
		 1},
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f061, ~0ULL},
		 TABLES_UNKNOWN,
		 -1},
		{0x10, 2, {0x1067, 0x2067, 0, ~0ULL}, TABLES_NOT_PRESENT, 2},
		{0x10, 2, {0, ~0ULL}, TABLES_NOT_PRESENT, 0},
		{0xffffffffc0400000,
		 0x11,
		 {0x1067, 0x2067, 0x3067, 0x8000000005592163},
		 TABLES_NX,
		 3},
		/* Too few. */
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f063, ~0ULL},
		 TABLES_UNKNOWN,
		 -1},
		/* Cut values: not present, yet P is set in the code; writable; without A.
		 */
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf006},
		 TABLES_CONTRADICTION,
		 -1},
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf01},
		 TABLES_CONTRADICTION,
		 -1},
		{0xffffffffaa6f0210,
		 3,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf0063},
		 TABLES_PERMITTED,
		 -1},
		/* A value of an upper level that is neither present nor 0 may be cut. */
		{0xffffffffaa6f0210,
		 2,
		 {0x3fc0e067, 0x3fc0f06, ~0ULL},
		 TABLES_UNKNOWN,
		 -1},
		{0xffffffffaa6f0210,
		 2,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf0063},
		 TABLES_PERMITTED,
		 -1},
		/* Bit 13 of a 2M entry. */
		{0xffffffffaa6f0210,
		 0xb,
		 {0x3fc0e067, 0x3fc0f063, 0x20e3 | 0x200000, ~0ULL},
		 TABLES_RESERVED,
		 2},
		{0xffffffffaa6f0210,
		 0x23,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf0063},
		 TABLES_KEY,
		 3},
		{0xffffffffaa6f0210,
		 5,
		 {0x3fc0e067, 0x3fc0f063, 0x34367063, 0x800000003faf0063},
		 TABLES_SUPERVISOR_ONLY,
		 -1},
		/* The last entry is 800000001fee3161 without its end. */
		{0xffffffffc02c1070,
		 3,
		 {0x860e067, 0x8610067, 0x1270067, 0x800000001fee3},
		 TABLES_CONTRADICTION,
		 -1},
		{0xffff88801fee3070,
		 3,
		 {0x860e067, 0x8610067, 0x1270067, 0x80000001fee21},
		 TABLES_CONTRADICTION,
		 -1},
		{0xffff88801fee3070,
		 3,
		 {0x860e067, 0x8610067, 0x1270067, 0x80000001fee3163},
		 TABLES_CONTRADICTION,
		 -1},
		/* Bit 47 encrypts: it is in all of them, and no address. */
		{0xffffffffc02c1070,
		 3,
		 {0x80000860e067, 0x800008610067, 0x800001270067, 0x800080001fee3161},
		 TABLES_NO_RW,
		 3},
		/* A user's address at a page of the kernel's: an entry that was cut. */
		{0x10, 2, {0x1fecd067, 0x1feb, ~0ULL}, TABLES_CONTRADICTION, -1},
		{0x7f3fcd3ed000,
		 3,
		 {0x1fc15067, 0x1fc1, ~0ULL},
		 TABLES_CONTRADICTION,
		 -1},
		/* The firmware's page is where its address is. */
		{0x3f5e1000,
		 3,
		 {0x1fc15067, 0x1fc16067, 0x1fc17067, 0x3f5e1161},
		 TABLES_NO_RW,
		 3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = fault(rows[i].address, rows[i].code, rows[i].values);
		struct tables tables;

		tables_read(&crash, NULL, &tables);
		cr_expect(tables.has_walk, "%zu", i);
		cr_expect_eq(tables.format.levels, 4, "%zu", i);
		cr_expect_eq(tables.denial, rows[i].denial, "%zu: %s", i,
			     tables_denial_name(tables.denial));
		cr_expect_eq(tables.denied_by, rows[i].denied_by, "%zu: %d", i,
			     tables.denied_by);
	}
}

Test(oops_tables, smap_and_smep)
{
	static const uint64_t user[] = {0x1067, 0x2067, 0x3067, 0x4067};
	struct crash crash = fault(0x7f0000000000, 3, user);
	struct tables tables;

	/* Nobody knows whether SMAP is on. */
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.denial, TABLES_UNKNOWN);
	/* Without SMAP the entries permit it. */
	crash.registers.known = 1U << REGISTER_CR4 | 1U << REGISTER_EFLAGS;
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.denial, TABLES_PERMITTED);
	crash.registers.known = 1U << REGISTER_CR4 | 1U << REGISTER_EFLAGS;
	crash.registers.value[REGISTER_CR4] = 1U << 21;
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.denial, TABLES_SMAP);
	/* EFLAGS.AC: inside copy_from_user(). */
	crash.registers.value[REGISTER_EFLAGS] = 1U << 18;
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.denial, TABLES_PERMITTED);
	crash.error_code = 0x11;
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.denial, TABLES_PERMITTED);
	crash.registers.value[REGISTER_CR4] = 1U << 20;
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.denial, TABLES_SMEP);
}

Test(oops_tables, five_levels)
{
	static const uint64_t values[] = {0x1067, 0x3063, 0x4063, 0x8000000005000161};
	struct crash crash = fault(0xffffffff81000210, 3, values);
	struct tables tables;

	crash.tables[CRASH_TABLE_P4D] = *entry_of(0x2067);
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.format.levels, 5);
	cr_expect_eq(tables.walk.nr_steps, 5);
	cr_expect_eq(tables.denial, TABLES_NO_RW);
	cr_expect_eq(tables.walk.pa, 0x5000210);
	/* The P4D lost: CR4.LA57 tells, and the walk is not continued past the gap. */
	crash.tables[CRASH_TABLE_P4D].has_value = false;
	crash.registers.known = 1U << REGISTER_CR4;
	crash.registers.value[REGISTER_CR4] = 1U << 12;
	tables_read(&crash, NULL, &tables);
	cr_expect_eq(tables.format.levels, 5);
	cr_expect(tables.is_cut);
	cr_expect_eq(tables.denial, TABLES_UNKNOWN);
}

Test(oops_tables, none)
{
	struct crash crash = {.kind = CRASH_PAGE_FAULT,
			      .address_from = CRASH_ADDRESS_HEADLINE};
	struct tables tables;

	tables_read(&crash, NULL, &tables);
	cr_expect_not(tables.has_walk);
	cr_expect_eq(tables.denial, TABLES_UNKNOWN);
	cr_expect_eq(tables.denied_by, -1);
}
