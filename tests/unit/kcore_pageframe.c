/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct page of the small kernel of fake.h, in its direct map. */
#include "kcore/pageframe.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"
#include "kcore/capture.h"

#define OWN                                         \
	"OSRELEASE=6.1.0-fake-amd64\n"              \
	"PAGESIZE=4096\n"                           \
	"SYMBOL(_stext)=ffffffff81000000\n"         \
	"SYMBOL(swapper_pg_dir)=ffffffff7f001000\n" \
	"NUMBER(phys_base)=16777216\n"              \
	"NUMBER(pgtable_l5_enabled)=0\n"            \
	"NUMBER(sme_mask)=0\n"                      \
	"KERNELOFFSET=0\n"
#define PAGE(size)                    \
	"SIZE(page)=" size "\n"       \
	"OFFSET(page.flags)=0\n"      \
	"OFFSET(page._mapcount)=48\n" \
	"OFFSET(page.private)=40\n"   \
	"NUMBER(PG_lru)=4\n"

static const char old_info[] = OWN PAGE("64") "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n";
static const char new_info[] = OWN PAGE(
	"64") "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n";

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff811fff00 T _etext\n"
			       "ffffffff81602000 D vmemmap_base\n";

enum {
	VARIABLE_PA = 0x10000,
	VMEMMAP_PA = 0x200000,
	FREE_PA = 0x300000, /* eight frames */
	LRU_PA = 0x308000,
	OTHER_PA = 0x309000,
};

static uint32_t free_mapcount;

static unsigned char *page_of(unsigned char *ram, uint64_t pa)
{
	return ram + VMEMMAP_PA + pa / PAGE_BYTES * 64;
}

static void put(unsigned char *at, uint64_t value, size_t size_bytes)
{
	memcpy(at, &value, size_bytes);
}

static void fill(unsigned char *ram)
{
	put(ram + FAKE_SMALL_TABLE_PA + 2 * 8, 0x8000000000000163 | VARIABLE_PA, 8);
	put(ram + VARIABLE_PA, FAKE_DIRECT_MAP + VMEMMAP_PA, 8);
	for (uint64_t pa = 0; pa < FAKE_RAM_BYTES; pa += PAGE_BYTES)
		put(page_of(ram, pa) + 48, 0xffffffff, 4);
	put(page_of(ram, FREE_PA) + 48, free_mapcount, 4);
	put(page_of(ram, FREE_PA) + 40, 3, 8);
	put(page_of(ram, LRU_PA), 1 << 4, 8);
	memset(ram + FREE_PA, 'f', 8 * PAGE_BYTES);
	memset(ram + LRU_PA, 'l', PAGE_BYTES);
	memset(ram + OTHER_PA, 'o', PAGE_BYTES);
}

static void open_fake(struct fake *fake, const char *info, uint32_t mapcount,
		      struct source *source, struct kernel *kernel)
{
	struct error err = {0};

	free_mapcount = mapcount;
	*fake = (struct fake){.fill = fill, .kallsyms = kallsyms, .vmcoreinfo = info};
	fake_write(fake);
	*source = fake_source(fake);
	cr_assert_eq(kernel_open(kernel, source, &err), 0, "%s", err.message);
}

static void check_uses(const char *info, uint32_t mapcount)
{
	enum pageframe_use uses[PAGEFRAME_BATCH];
	struct pageframes frames;
	struct kernel kernel;
	struct source source;
	struct fake fake;

	open_fake(&fake, info, mapcount, &source, &kernel);
	cr_assert_eq(pageframes_open(&frames, &kernel), 0);
	pageframes_read(&frames, FREE_PA - PAGE_BYTES, 12, uses);
	cr_expect_eq(uses[0], PAGEFRAME_OTHER);
	for (size_t i = 1; i < 9; i++)
		cr_expect_eq(uses[i], PAGEFRAME_FREE, "%zu", i);
	cr_expect_eq(uses[9], PAGEFRAME_LRU);
	cr_expect_eq(uses[10], PAGEFRAME_OTHER);
	/* A batch that starts inside of the block. */
	frames.free_end = 0;
	pageframes_read(&frames, FREE_PA, 4, uses);
	pageframes_read(&frames, FREE_PA + 4 * PAGE_BYTES, 5, uses);
	cr_expect_eq(uses[3], PAGEFRAME_FREE);
	cr_expect_eq(uses[4], PAGEFRAME_LRU);
	kernel_close(&kernel);
	fake_close(&fake);
}

Test(kcore_pageframe, free_as_up_to_6_10)
{
	check_uses(old_info, 0xffffff7f);
}

Test(kcore_pageframe, free_as_since_6_11)
{
	check_uses(new_info, 0xf0000003);
}

Test(kcore_pageframe, an_order_that_cannot_be_is_not_believed)
{
	enum pageframe_use uses[2];
	struct pageframes frames;
	struct kernel kernel;
	struct source source;
	struct fake fake;

	/* In the middle of a block, for its order 3. */
	open_fake(&fake, old_info, 0xffffff7f, &source, &kernel);
	cr_assert_eq(pageframes_open(&frames, &kernel), 0);
	frames.vmemmap += 64; /* so that frame n's page says what n + 1's should */
	pageframes_read(&frames, FREE_PA - PAGE_BYTES, 2, uses);
	cr_expect_eq(uses[0], PAGEFRAME_OTHER);
	kernel_close(&kernel);
	fake_close(&fake);
}

Test(kcore_pageframe, a_kernel_that_says_too_little)
{
	static const char *const infos[] = {
		OWN, OWN "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n" PAGE("4000"),
		OWN PAGE("50") "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n",
		OWN PAGE("x") "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"};

	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		struct pageframes frames;
		struct kernel kernel;
		struct source source;
		struct fake fake;

		open_fake(&fake, infos[i], 0, &source, &kernel);
		cr_expect_eq(pageframes_open(&frames, &kernel), -ENOENT, "%zu", i);
		kernel_close(&kernel);
		fake_close(&fake);
	}
}

Test(kcore_pageframe, what_is_free_is_not_captured)
{
	const struct capture capture = {
		.contents = CAPTURE_MEMORY, .about = "PHYS_BITS=40\n", .modules = "\n"};
	struct kernel before, after;
	struct steady steady;
	struct error err = {0};
	struct source source, again;
	struct fake fake;
	char bytes[4] = "";

	open_fake(&fake, old_info, 0xffffff7f, &source, &before);
	again = source;
	again.core_fd = memfd_create("capture", MFD_CLOEXEC);
	again.kallsyms_fd = -1;
	cr_assert_eq(
		capture_write(&before, &capture, again.core_fd, false, &steady, &err), 0,
		"%s", err.message);
	cr_assert_eq(kernel_open(&after, &again, &err), 0, "%s", err.message);
	cr_expect_eq(elfcore_read_pa(&after.core, FREE_PA + 5 * PAGE_BYTES, bytes, 4), 0);
	cr_expect_eq(bytes[0], 0);
	/* It was a file's before: it is kept. */
	cr_expect_eq(elfcore_read_pa(&after.core, LRU_PA, bytes, 4), 0);
	cr_expect_eq(bytes[0], 'l');
	cr_expect_eq(elfcore_read_pa(&after.core, OTHER_PA, bytes, 4), 0);
	cr_expect_eq(bytes[0], 'o');
	kernel_close(&after);
	kernel_close(&before);
	close(again.core_fd);
	fake_close(&fake);
}
