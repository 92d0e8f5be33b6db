/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/rawlayout.h"

#include <criterion/criterion.h>
#include <string.h>

#include "kcore/pagecache.h"
#include "small.h"

static const char names[] = "ffffffff81000000 T _text\n"
			    "ffffffff81000000 T _stext\n"
			    "ffffffff81400000 D max_pfn\n";
static uint64_t ram_end;
static size_t nr_ranges = 1;

static void fill(void)
{
	small_put(SMALL_DATA, ram_end / PAGE_BYTES);
}

static int check(uint64_t file_bytes, uint64_t ram_bytes, bool is_raw, struct error *err)
{
	struct small small;
	int r;

	ram_end = ram_bytes;
	small_open(&small, names, fill, NULL);
	small.kernel.is_raw = is_raw;
	small.kernel.core.segments[0].memory_bytes = file_bytes / nr_ranges;
	small.kernel.core.nr_segments = 1;
	for (size_t i = 1; i < nr_ranges; i++) {
		const struct elfcore_segment range = {
			.pa = i * (file_bytes / nr_ranges),
			.memory_bytes = file_bytes / nr_ranges,
		};

		cr_assert_eq(elfcore_add_segment(&small.kernel.core, &range), 0);
	}
	*err = (struct error){0};
	r = rawlayout_check(&small.kernel, "x.vmem", err);
	small_close(&small);
	return r;
}

#define GIB(n) ((uint64_t)(n) << 30)

Test(kcore_rawlayout, a_hole_that_is_left_out)
{
	struct error err;

	cr_expect_lt(check(GIB(4), GIB(5), true, &err), 0);
	cr_expect_not_null(strstr(err.message,
				  "x.vmem: raw memory of 4096 MiB of a kernel whose RAM "
				  "ends at 5120 MiB"),
			   "%s", err.message);
	cr_expect_not_null(strstr(err.message, "pmemsave 0 0x140000000"));
	cr_expect_lt(check(GIB(3), GIB(6), true, &err), 0);
}

Test(kcore_rawlayout, whole)
{
	struct error err;

	cr_expect_eq(check(GIB(5), GIB(5), true, &err), 0, "%s", err.message);
	cr_expect_eq(check(GIB(6), GIB(5), true, &err), 0, "%s", err.message);
	/* Below the lowest hole a file that ends early has lost its end alone. */
	cr_expect_eq(check(GIB(2), GIB(3), true, &err), 0, "%s", err.message);
	cr_expect_eq(check(GIB(4), GIB(5), false, &err), 0, "%s", err.message);
}

/* Ranges that a VMware state file tells of. */
Test(kcore_rawlayout, another_machines_ranges)
{
	struct error err;

	nr_ranges = 2;
	cr_expect_eq(check(GIB(6), GIB(6), true, &err), 0, "%s", err.message);
	cr_expect_lt(check(GIB(4), GIB(6), true, &err), 0);
	cr_expect_not_null(strstr(err.message, "that file is another machine's"), "%s",
			   err.message);
}
