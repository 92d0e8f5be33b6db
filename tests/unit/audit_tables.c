/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page tables themselves: what cannot be followed, and what was written to. */
#include "audit/tables.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81300000 d first_table\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

static const uint64_t DIRTY = 0x40;
static void (*damage)(void);

static void fill(void)
{
	if (damage)
		damage();
}

static void audit_with(void (*damage_it)(void), struct small *small)
{
	damage = damage_it;
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 1u << AUDIT_TABLES, NULL);
}

Test(audit_tables, sound)
{
	struct small small;

	audit_with(NULL, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(audit_status(&small.audit), 0);
	cr_expect_eq(small_row(&small, "page tables")->verdict, AUDIT_INFO);
	cr_expect_not_null(strstr(small_row(&small, "page tables")->detail,
				  "read from swapper_pg_dir"));
	cr_expect_str_eq(small_row(&small, "writes past the seal")->detail,
			 "0 of 9 read-only entries have Dirty set");
	small_close(&small);
}

/* A 2-MiB page whose address has bit 13 set. */
static void set_reserved_bit(void)
{
	small_put_pa(0x3000 + 12 * 8, 0x2601a1 | 1 << 13);
}

Test(audit_tables, a_reserved_bit)
{
	struct small small;

	audit_with(set_reserved_bit, &small);
	small_expect_one(&small, AUDIT_RESERVED_BIT,
			 "the PMD entry of 0xffffffff81800000");
	small_close(&small);
}

/* No memory of the core is there. */
static void lose_table(void)
{
	small_put_pa(0x3000 + 12 * 8, FAKE_RAM_BYTES | 0x63);
}

Test(audit_tables, a_table_that_cannot_be_read)
{
	struct small small;

	audit_with(lose_table, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "entries that lead nowhere")->verdict,
		     AUDIT_UNKNOWN);
	cr_expect_not_null(strstr(small_row(&small, "entries that lead nowhere")->detail,
				  "0xffffffff81800000"));
	small_close(&small);
}

static void write_one(void)
{
	small_put_pa(SMALL_SEALED_2_ENTRY_PA, 0x111000 | SMALL_RO_NX | DIRTY);
}

Test(audit_tables, a_read_only_page_that_was_written)
{
	struct small small;

	audit_with(write_one, &small);
	small_expect_one(&small, AUDIT_DIRTY,
			 "read-only page at 0xffffffff81301000 (4 KiB, ");
	cr_expect_not_null(
		strstr(small.audit.findings[0].message, "from first_table+0x1000)"));
	small_close(&small);
}

/* As before 6.6: where most have it, it says nothing. */
static void leave_dirty(void)
{
	write_one();
	small_put_pa(0x8000, 0x100000 | SMALL_RO_NX | DIRTY);
	small_put_pa(0x8000 + 256 * 8, 0x110000 | SMALL_RO_NX | DIRTY);
}

Test(audit_tables, a_kernel_that_leaves_dirty_set)
{
	struct small small;

	audit_with(leave_dirty, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "writes past the seal")->verdict, AUDIT_INFO);
	cr_expect_not_null(strstr(small_row(&small, "writes past the seal")->detail,
				  "3 of 9 read-only entries"));
	small_close(&small);
}
