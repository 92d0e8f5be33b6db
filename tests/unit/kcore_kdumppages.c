/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/kdumppages.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

#include "dump.h"
#include "fake.h"

/* Where dump.c puts them: header, sub header and two bitmaps of a block each. */
enum {
	PAGE = 4096,
	BITMAP = 3 * PAGE,
	DESCRIPTORS = 4 * PAGE,
	DESCRIPTOR_BYTES = 24,
	NR_PAGES = FAKE_RAM_BYTES / PAGE - 1,
	DATA = DESCRIPTORS + NR_PAGES * DESCRIPTOR_BYTES,
	PFN = 100, /* behind the page that was left out */
	RANK = PFN - 1,
};

static void put(int fd, off_t at, uint64_t number, size_t size_bytes)
{
	cr_assert_eq(pwrite(fd, &number, size_bytes, at), (ssize_t)size_bytes);
}

/* The number at @at becomes another, then the page of @pfn is asked for. */
static int check_changed(off_t at, uint64_t number, size_t size_bytes, uint64_t pfn)
{
	int fd = dump_write(DUMP_KDUMP), r;
	struct kdumppages pages;

	put(fd, at, number, size_bytes);
	r = kdumppages_open(&pages, fd);
	if (r == 0) {
		r = kdumppages_check(&pages, pfn);
		kdumppages_close(&pages);
	}
	close(fd);
	return r;
}

Test(kcore_kdumppages, whole)
{
	int fd = dump_write(DUMP_KDUMP);
	struct kdumppages pages;

	cr_assert_eq(kdumppages_open(&pages, fd), 0);
	cr_expect_not(pages.is_cut);
	for (uint64_t pfn = 0; pfn <= NR_PAGES; pfn++)
		if (pfn != DUMP_LEFT_OUT_PA / PAGE)
			cr_expect_eq(kdumppages_check(&pages, pfn), 0, "%lu", pfn);
	cr_expect_eq(kdumppages_check(&pages, UINT64_MAX), -ENOENT);
	kdumppages_close(&pages);
	close(fd);
}

/* A page that is cut off in its midst is not half zeros. */
Test(kcore_kdumppages, cut)
{
	int fd = dump_write(DUMP_KDUMP);
	struct kdumppages pages;

	cr_assert_eq(ftruncate(fd, DATA + RANK * PAGE + 100), 0);
	cr_assert_eq(kdumppages_open(&pages, fd), 0);
	cr_expect(pages.is_cut);
	cr_expect_eq(kdumppages_check(&pages, PFN - 1), 0);
	cr_expect_eq(kdumppages_check(&pages, PFN), -ENODATA);
	cr_expect_eq(kdumppages_check(&pages, PFN + 1), -ENODATA);
	kdumppages_close(&pages);
	cr_assert_eq(ftruncate(fd, DESCRIPTORS + RANK * DESCRIPTOR_BYTES), 0);
	cr_assert_eq(kdumppages_open(&pages, fd), 0);
	cr_expect(pages.is_cut);
	cr_expect_eq(kdumppages_check(&pages, PFN), -ENODATA);
	kdumppages_close(&pages);
	cr_assert_eq(ftruncate(fd, BITMAP + 10), 0);
	cr_expect_eq(kdumppages_open(&pages, fd), -ENODATA);
	close(fd);
}

/* What a descriptor says that others contradict is not believed. */
Test(kcore_kdumppages, descriptors)
{
	off_t at = DESCRIPTORS + RANK * DESCRIPTOR_BYTES;

	cr_expect_eq(check_changed(at, DATA + (RANK + 7) * PAGE, 8, PFN), -EIO);
	cr_expect_eq(check_changed(at, DATA + RANK * PAGE + 8, 8, PFN), -EIO);
	cr_expect_eq(check_changed(at, 0x1000, 8, PFN), -EIO);
	cr_expect_eq(check_changed(at, UINT64_MAX - 100, 8, PFN), -ENODATA);
	cr_expect_eq(check_changed(at + 8, 4000, 4, PFN), -EIO);
	cr_expect_eq(check_changed(at + 8, UINT32_MAX, 4, PFN), -EIO);
	/* Its neighbours are still good. */
	cr_expect_eq(check_changed(at, 0x1000, 8, PFN - 1), 0);
	cr_expect_eq(check_changed(at, 0x1000, 8, PFN + 1), 0);
}

/* With a bit more or less every page behind it would be another one. */
Test(kcore_kdumppages, bitmaps)
{
	cr_expect_eq(check_changed(BITMAP + 1, 0xfe, 1, PFN), -EINVAL);
	cr_expect_eq(check_changed(BITMAP, 0xff, 1, PFN), -EINVAL);
	/* A page that is in the file was in memory. */
	cr_expect_eq(check_changed(BITMAP - PAGE, 0xfe, 1, PFN), -EINVAL);
}
