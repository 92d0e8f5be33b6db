/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/pagecache.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake.h"

Test(kcore_pagecache, reads_each_page_once)
{
	struct fake fake = {0};
	struct error err = {0};
	struct elfcore core;
	struct pagecache cache = {0};
	const unsigned char *page;
	uint64_t entry, nr_reads;

	fake_write(&fake);
	cr_assert_eq(elfcore_open(&core, fake.core_fd, "fake", false, &err), 0);
	/* More pages than the first table of slots has room for. */
	for (uint64_t pa = 0; pa < FAKE_RAM_BYTES; pa += PAGE_BYTES)
		cr_assert_eq(pagecache_get(&cache, &core, pa, &page), 0);
	nr_reads = core.nr_reads;
	cr_assert_eq(pagecache_get(&cache, &core, FAKE_ROOT_PA, &page), 0);
	memcpy(&entry, page + 511 * 8, sizeof(entry));
	cr_expect_eq(entry, 0x2067);
	cr_expect_eq(core.nr_reads, nr_reads);
	cr_expect_eq(pagecache_get(&cache, &core, FAKE_RAM_BYTES, &page), -EFAULT);
	pagecache_close(&cache);
	elfcore_close(&core);
	fake_close(&fake);
}
