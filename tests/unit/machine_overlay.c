/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/overlay.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "kcore/kernel.h"

enum { MAX_PAGES = 64 };

static struct fake fake;
static struct kernel kernel;
static struct overlay overlay;

static void fill(unsigned char *ram)
{
	memset(ram + FAKE_FREE_PA, 0xa5, 4096);
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
	cr_assert_eq(
		overlay_open(&overlay, fetch, &kernel.core, &kernel.pt, MAX_PAGES, false),
		0);
}

static void teardown(void)
{
	overlay_close(&overlay);
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(machine_overlay, .init = setup, .fini = teardown);

Test(machine_overlay, what_is_written_stays_here)
{
	uint64_t va = FAKE_DIRECT_MAP + FAKE_FREE_PA, value = 0x1122334455667788;

	cr_assert_eq(overlay_write(&overlay, va + 4092, &value, 8), 0);
	value = 0;
	cr_expect_eq(overlay_read(&overlay, va + 4092, &value, 8), 0);
	cr_expect_eq(value, 0x1122334455667788);
	cr_expect_eq(kernel_read(&kernel, va + 4092, &value, 8), 0);
	cr_expect_eq(value, 0xa5a5a5a5);
}

static void count(void *ctx, uint64_t pa)
{
	(void)pa;
	++*(size_t *)ctx;
}

Test(machine_overlay, refresh_brings_the_kernels_bytes_back)
{
	uint64_t va = FAKE_DIRECT_MAP + FAKE_FREE_PA;
	unsigned char byte = 1;
	size_t nr_changed = 0;

	cr_assert_eq(overlay_write(&overlay, va, &byte, 1), 0);
	cr_assert_eq(overlay_refresh(&overlay, count, &nr_changed), 0);
	cr_expect_eq(nr_changed, 1);
	cr_expect_eq(overlay_read(&overlay, va, &byte, 1), 0);
	cr_expect_eq(byte, 0xa5);
}

struct seen {
	uint64_t pas[4];
	size_t nr;
};

static void note(void *ctx, uint64_t pa)
{
	struct seen *seen = ctx;

	if (seen->nr < 4)
		seen->pas[seen->nr++] = pa;
}

static void open_constant(struct overlay *ret)
{
	cr_assert_eq(overlay_open(ret, fetch, &kernel.core, &kernel.pt, MAX_PAGES, true),
		     0);
	cr_assert(overlay_has_origin(ret));
}

static void expect_byte(struct overlay *constant, uint64_t pa, unsigned char byte)
{
	unsigned char *bytes;

	cr_assert_eq(overlay_frame(constant, pa, &bytes), 0);
	cr_expect_eq(*bytes, byte);
}

Test(machine_overlay, what_was_taken_comes_back)
{
	struct overlay constant, other;
	struct overlay_image image;
	struct seen seen = {0};
	unsigned char *bytes;

	open_constant(&constant);
	cr_assert_eq(overlay_frame(&constant, FAKE_FREE_PA, &bytes), 0);
	bytes[0] = 1;
	cr_expect_eq(overlay_take(&constant, 0, &image), -ENOSPC);
	cr_assert_eq(overlay_take(&constant, 1, &image), 0);
	cr_expect_eq(image.nr_pages, 1);
	bytes[0] = 2;
	bytes[4096] = 2;
	cr_assert_eq(overlay_restore(&constant, &image, note, &seen), 0);
	expect_byte(&constant, FAKE_FREE_PA, 1);
	expect_byte(&constant, FAKE_FREE_PA + 1, 0xa5);
	expect_byte(&constant, FAKE_FREE_PA + 4096, 0);
	cr_assert_eq(overlay_restore(&constant, NULL, note, &seen), 0);
	expect_byte(&constant, FAKE_FREE_PA, 0xa5);
	cr_expect_eq(seen.nr, 0, "no code was there");
	overlay_close(&constant);

	/* One that has not fetched the page yet. */
	open_constant(&other);
	cr_assert_eq(overlay_restore(&other, &image, note, &seen), 0);
	expect_byte(&other, FAKE_FREE_PA, 1);
	overlay_close(&other);
	overlay_image_close(&image);
}

/* Of a page that is the same again what was translated is good. */
Test(machine_overlay, code_that_changes_is_told)
{
	struct overlay constant;
	struct overlay_image image;
	struct seen seen = {0};
	unsigned char *bytes;

	open_constant(&constant);
	cr_assert_eq(overlay_frame(&constant, FAKE_FREE_PA, &bytes), 0);
	bytes[0] = 1;
	overlay_note_code(&constant, bytes, OVERLAY_CODE_BOTH);
	overlay_note_code(&constant, bytes, OVERLAY_CODE);
	cr_expect_eq(overlay_code(&constant, bytes), OVERLAY_CODE_BOTH);
	overlay_note_code(&constant, bytes + 4096, OVERLAY_CODE);
	cr_assert_eq(overlay_take(&constant, MAX_PAGES, &image), 0);
	cr_assert_eq(overlay_restore(&constant, &image, note, &seen), 0);
	cr_expect_eq(seen.nr, 0);
	cr_assert_eq(overlay_restore(&constant, NULL, note, &seen), 0);
	cr_assert_eq(seen.nr, 1);
	cr_expect_eq(seen.pas[0], FAKE_FREE_PA);
	cr_expect_eq(overlay_code(&constant, bytes), OVERLAY_NO_CODE);
	overlay_note_code(&constant, bytes, OVERLAY_CODE);
	cr_assert_eq(overlay_restore(&constant, &image, note, &seen), 0);
	cr_expect_eq(seen.nr, 2);
	overlay_image_close(&image);
	overlay_close(&constant);
}

Test(machine_overlay, what_the_core_lacks)
{
	unsigned char *bytes;
	size_t nr_changed = 0;
	char byte;

	cr_expect_eq(overlay_frame(&overlay, FAKE_RAM_BYTES, &bytes), -EFAULT);
	cr_expect_eq(overlay_read(&overlay, FAKE_SMALL + 0x7000, &byte, 1), -EFAULT);
	for (uint64_t i = 0; i < MAX_PAGES / OVERLAY_BLOCK_PAGES; i++)
		overlay_frame(&overlay, i * OVERLAY_BLOCK_BYTES, &bytes);
	cr_expect_not(overlay.exceeded_pages);
	cr_expect_eq(overlay_frame(&overlay, MAX_PAGES * PAGE_BYTES, &bytes), -EDQUOT);
	cr_expect(overlay.exceeded_pages);
	cr_assert_eq(overlay_refresh(&overlay, count, &nr_changed), 0);
	cr_expect_not(overlay.exceeded_pages);
}

static int no_table(void *ctx, uint64_t *ret)
{
	(void)ret;
	++*(size_t *)ctx;
	return -ENOMEM;
}

static int one_table(void *ctx, uint64_t *ret)
{
	*ret = 0x20000;
	++*(size_t *)ctx;
	return 0;
}

Test(machine_overlay, a_page_that_is_mapped)
{
	struct pt_walk walk;
	size_t nr_tables = 0;
	uint64_t far = FAKE_SMALL + 0x600000; /* another PMD entry */

	cr_assert_eq(overlay_map(&overlay, FAKE_SMALL + 0x9000, 0x11000,
				 PT_PRESENT | PT_RW | PT_NX, no_table, &nr_tables),
		     0);
	overlay_walk(&overlay, FAKE_SMALL + 0x9123, &walk);
	cr_expect_eq(walk.verdict, PT_WRITABLE);
	cr_expect_eq(walk.pa, 0x11123);
	cr_expect(walk.nx);
	cr_expect_eq(nr_tables, 0);
	pt_walk(&kernel.pt, FAKE_SMALL + 0x9123, &walk);
	cr_expect_eq(walk.verdict, PT_UNMAPPED);

	cr_expect_eq(
		overlay_map(&overlay, far, 0x11000, PT_PRESENT, no_table, &nr_tables),
		-ENOMEM);
	cr_expect_eq(
		overlay_map(&overlay, far, 0x11000, PT_PRESENT, one_table, &nr_tables),
		0);
	overlay_walk(&overlay, far, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	cr_expect_eq(overlay_map(&overlay, FAKE_DATA, 0x11000, PT_PRESENT, no_table,
				 &nr_tables),
		     -EEXIST);
}

static int fetch_number(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	(void)ctx;
	memset(buf, (int)(pa / OVERLAY_BLOCK_BYTES), size_bytes);
	return 0;
}

/* More blocks than the table has places for at first: each is found again. */
Test(machine_overlay, many_blocks_are_kept)
{
	enum { NR = 150 };
	static unsigned char *frames[NR];
	unsigned char *again;

	overlay_close(&overlay);
	cr_assert_eq(overlay_open(&overlay, fetch_number, NULL, &kernel.pt,
				  NR * OVERLAY_BLOCK_PAGES, false),
		     0);
	for (uint64_t i = 0; i < NR; i++)
		cr_assert_eq(overlay_frame(&overlay, i * OVERLAY_BLOCK_BYTES, &frames[i]),
			     0);
	for (uint64_t i = 0; i < NR; i++) {
		cr_expect_eq(*frames[i], (unsigned char)i);
		cr_assert_eq(overlay_frame(&overlay, i * OVERLAY_BLOCK_BYTES + 7, &again),
			     0);
		cr_expect_eq(again, frames[i] + 7);
	}
	cr_expect_eq(overlay_frame(&overlay, (uint64_t)NR * OVERLAY_BLOCK_BYTES, &again),
		     -EDQUOT);
	cr_expect(overlay.exceeded_pages);
}
