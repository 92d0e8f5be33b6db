/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings in the emulator, over the small kernel of fake.h. */
#include "module/tlb.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "module/emulator.h"
#include "module/machine.h"

/* Six pages: the first five follow each other in physical memory, the fifth is read-only,
 * the sixth lies elsewhere.
 */
#define PAGES (FAKE_SMALL + 0x8000)

enum { PAGES_PA = 0x40000, NR_PAGES = 6 };

static const char kallsyms[] = "ffffffff7f007008 D nr_cpu_ids\n"
			       "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff811fff00 T _etext\n"
			       "ffffffff81606000 D __per_cpu_offset\n";

static struct fake fake;
static struct kernel kernel;
static struct landmarks landmarks;
static struct machine machine;

static void put(unsigned char *ram, uint64_t pa, uint64_t value)
{
	memcpy(ram + pa, &value, sizeof(value));
}

static uint64_t entry_pa(unsigned i)
{
	return FAKE_SMALL_TABLE_PA + (8 + i) * 8;
}

static void fill(unsigned char *ram)
{
	static const uint64_t entries[NR_PAGES] = {
		0x8000000000040163, 0x8000000000041163, 0x8000000000042163,
		0x8000000000043163, 0x8000000000044161, 0x8000000000046163,
	};

	for (unsigned i = 0; i < NR_PAGES; i++)
		put(ram, entry_pa(i), entries[i]);
	put(ram, FAKE_SMALL_TABLE_PA + 6 * 8, 0x8000000000013163); /* __per_cpu_offset */
	put(ram, FAKE_DOMAIN_TYPE_PA + 8, 1);			   /* nr_cpu_ids */
}

static void setup(void)
{
	static const struct machine_limits limits = {.pages = 1024};
	struct error err = {0};
	struct source source;

	fake = (struct fake){.fill = fill, .kallsyms = kallsyms};
	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_null(emulator_load());
	landmarks_find(&landmarks, &kernel);
	cr_assert_eq(machine_open(&machine, &kernel, &landmarks, &limits, 0, 0), 0);
}

static void teardown(void)
{
	machine_close(&machine);
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(module_tlb, .init = setup, .fini = teardown);

/* Which of the pages are mapped, as bits. */
static unsigned mapped(void)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < NR_PAGES; i++)
		if (tlb_find(&machine.tlb, PAGES + i * PAGE_BYTES))
			bits |= 1U << i;
	return bits;
}

static int map(unsigned i, bool is_writable)
{
	struct pt_walk walk;

	return tlb_map(&machine.tlb, PAGES + i * PAGE_BYTES, is_writable, &walk);
}

Test(module_tlb, neighbours_of_the_same_rights_come_along)
{
	const struct tlb_page *page;

	cr_assert_eq(map(2, false), 0);
	cr_expect_eq(mapped(), 0xf);
	page = tlb_find(&machine.tlb, PAGES + 3 * PAGE_BYTES + 5);
	cr_assert_not_null(page);
	cr_expect_eq(page->va, PAGES + 3 * PAGE_BYTES);
	cr_assert_eq(map(4, false), 0);
	cr_expect_eq(mapped(), 0x1f);
	cr_assert_eq(map(5, false), 0);
	cr_expect_eq(mapped(), 0x3f);
	cr_expect_eq(map(6, false), -EFAULT);
}

Test(module_tlb, a_large_page_brings_a_block)
{
	uint64_t va = FAKE_DIRECT_MAP + 5 * OVERLAY_BLOCK_BYTES;
	struct pt_walk walk;

	cr_assert_eq(tlb_map(&machine.tlb, va + 0x3123, false, &walk), 0);
	cr_expect_not_null(tlb_find(&machine.tlb, va));
	cr_expect_not_null(tlb_find(&machine.tlb, va + OVERLAY_BLOCK_BYTES - 1));
	cr_expect_null(tlb_find(&machine.tlb, va - 1));
	cr_expect_null(tlb_find(&machine.tlb, va + OVERLAY_BLOCK_BYTES));
}

Test(module_tlb, one_page_that_changes_takes_its_mapping_out)
{
	uint64_t entry = 0x8000000000042161;
	unsigned char *bytes;

	cr_assert_eq(map(0, false), 0);
	cr_assert_eq(tlb_flush(&machine.tlb), 0);
	cr_expect_eq(mapped(), 0xf);
	cr_assert_eq(overlay_frame(&machine.overlay, entry_pa(2), &bytes), 0);
	memcpy(bytes, &entry, sizeof(entry));
	cr_assert_eq(tlb_flush(&machine.tlb), 0);
	cr_expect_eq(mapped(), 0);
	cr_assert_eq(map(0, false), 0);
	cr_expect_eq(mapped(), 0x3);
	cr_assert_eq(map(2, false), 0);
	cr_expect_eq(mapped(), 0x7);
}

Test(module_tlb, to_write_despite_the_tables_is_for_one_page)
{
	cr_assert_eq(map(4, true), 0);
	cr_expect_eq(mapped(), 0x10);
	cr_assert_eq(tlb_flush(&machine.tlb), 0);
	cr_expect_eq(mapped(), 0);
}
