/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings in an emulator without tables, over the small kernel of fake.h. */
#include "machine/tlbmap.h"

#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "machine/unicorn.h"
#include "kcore/kernel.h"

/* Six pages: the first five follow each other in physical memory, the fifth is read-only,
 * the sixth lies elsewhere.
 */
#define PAGES (FAKE_SMALL + 0x8000)

enum { PAGES_PA = 0x40000, NR_PAGES = 6 };

static struct fake fake;
static struct kernel kernel;
static struct overlay overlay;
static struct uc_struct *uc;
static struct tlbmap maps;

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
}

static int fetch(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	return elfcore_read_pa(ctx, pa, buf, size_bytes);
}

static void setup(void)
{
	struct error err = {0};
	struct source source;

	fake = (struct fake){.fill = fill};
	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_null(unicorn_load());
	cr_assert_eq(overlay_open(&overlay, fetch, &kernel.core, &kernel.pt, 1024, false),
		     0);
	cr_assert_eq(unicorn_get()->open(UC_ARCH_X86, UC_MODE_64, &uc), 0);
	cr_assert_eq(tlbmap_open(&maps, unicorn_get(), uc, &overlay), 0);
}

static void teardown(void)
{
	tlbmap_close(&maps);
	unicorn_get()->close(uc);
	overlay_close(&overlay);
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(machine_tlbmap, .init = setup, .fini = teardown);

/* Which of the pages are mapped, as bits. */
static unsigned mapped(void)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < NR_PAGES; i++)
		if (tlbmap_page(&maps, PAGES + i * PAGE_BYTES))
			bits |= 1U << i;
	return bits;
}

static int map_at(uint64_t va, bool is_writable)
{
	unsigned char *bytes;
	struct pt_walk walk;

	overlay_walk(&overlay, va, &walk);
	cr_assert_eq(walk.reason, PT_OK);
	cr_assert_eq(overlay_frame(&overlay, walk.pa, &bytes), 0);
	return tlbmap_add(&maps, va, is_writable, &walk, bytes);
}

static int map(unsigned i, bool is_writable)
{
	return map_at(PAGES + i * PAGE_BYTES, is_writable);
}

Test(machine_tlbmap, neighbours_of_the_same_rights_come_along)
{
	cr_assert_eq(map(2, false), 0);
	cr_expect_eq(mapped(), 0xf);
	cr_expect_eq(tlbmap_page(&maps, PAGES + 3 * PAGE_BYTES + 5),
		     tlbmap_page(&maps, PAGES) + 3 * PAGE_BYTES);
	cr_assert_eq(map(4, false), 0);
	cr_expect_eq(mapped(), 0x1f);
	cr_assert_eq(map(5, false), 0);
	cr_expect_eq(mapped(), 0x3f);
}

Test(machine_tlbmap, a_large_page_brings_a_block)
{
	uint64_t va = FAKE_DIRECT_MAP + 5 * OVERLAY_BLOCK_BYTES;

	cr_assert_eq(map_at(va + 0x3000, false), 0);
	cr_expect_not_null(tlbmap_page(&maps, va));
	cr_expect_not_null(tlbmap_page(&maps, va + OVERLAY_BLOCK_BYTES - 1));
	cr_expect_null(tlbmap_page(&maps, va - 1));
	cr_expect_null(tlbmap_page(&maps, va + OVERLAY_BLOCK_BYTES));
}

Test(machine_tlbmap, one_page_that_changes_takes_its_mapping_out)
{
	uint64_t entry = 0x8000000000042161;
	unsigned char *bytes;

	cr_assert_eq(map(0, false), 0);
	cr_assert_eq(tlbmap_flush(&maps), 0);
	cr_expect_eq(mapped(), 0xf);
	cr_assert_eq(overlay_frame(&overlay, entry_pa(2), &bytes), 0);
	memcpy(bytes, &entry, sizeof(entry));
	cr_assert_eq(tlbmap_flush(&maps), 0);
	cr_expect_eq(mapped(), 0);
	cr_assert_eq(map(0, false), 0);
	cr_expect_eq(mapped(), 0x3);
	cr_assert_eq(map(2, false), 0);
	cr_expect_eq(mapped(), 0x7);
}

Test(machine_tlbmap, to_write_despite_the_tables_is_for_one_page)
{
	cr_assert_eq(map(4, true), 0);
	cr_expect_eq(mapped(), 0x10);
	cr_assert_eq(tlbmap_flush(&maps), 0);
	cr_expect_eq(mapped(), 0);
}
