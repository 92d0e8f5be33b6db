/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/ranges.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake.h"

enum { MAX_RANGES = 64 };

struct seen {
	struct range array[MAX_RANGES];
	size_t nr;
	int answer;
};

static struct fake fake;
static struct source source;
static struct kernel kernel;
static struct seen seen;

static void setup(void)
{
	struct error err = {0};

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
}

static void teardown(void)
{
	kernel_close(&kernel);
	fake_close(&fake);
}

static int keep(void *ctx, const struct range *range)
{
	struct seen *s = ctx;

	cr_assert_lt(s->nr, (size_t)MAX_RANGES);
	s->array[s->nr++] = *range;
	return s->answer;
}

static void expect(const struct range_filter *filter, size_t nr,
		   const char *const rights[], const uint64_t addresses[])
{
	memset(&seen, 0, sizeof(seen));
	cr_assert_eq(ranges_each(&kernel, filter, keep, &seen), 0);
	cr_expect_eq(seen.nr, nr, "%zu ranges", seen.nr);
	for (size_t i = 0; i < seen.nr && i < nr; i++) {
		cr_expect_str_eq(range_rights(&seen.array[i]), rights[i], "range %zu", i);
		cr_expect_eq(seen.array[i].va, addresses[i], "range %zu: %lx", i,
			     seen.array[i].va);
	}
}

TestSuite(audit_ranges, .init = setup, .fini = teardown);

/* .rodata and ro_after_init share a large page; the map shows them apart. */
Test(audit_ranges, large_pages_are_cut_at_sections)
{
	const struct range_filter all = {0};
	uint64_t mapped_bytes = 0;

	memset(&seen, 0, sizeof(seen));
	cr_assert_eq(ranges_each(&kernel, &all, keep, &seen), 0);
	for (size_t i = 0; i < seen.nr; i++) {
		mapped_bytes += seen.array[i].mapped_bytes;
		cr_expect_eq(seen.array[i].mapped_bytes, seen.array[i].size_bytes);
	}
	/* Direct map 4 MiB, image 6 MiB and two pages: nothing twice, nothing lost. */
	cr_expect_eq(mapped_bytes, 10 * 1024 * 1024 + 8192);
	for (size_t i = 0; i < seen.nr; i++)
		if (seen.array[i].va == FAKE_RO_AFTER_INIT) {
			cr_expect_eq(seen.array[i].region->kind, REGION_RO_AFTER_INIT);
			cr_expect_str_eq(seen.array[i].symbol, "__start_ro_after_init");
			cr_expect_eq(seen.array[i].bytes_by_size[PT_PMD],
				     seen.array[i].size_bytes);
			return;
		}
	cr_assert_fail("no range starts at ro_after_init");
}

Test(audit_ranges, filters)
{
	static const char *const x[] = {"r-x"};
	static const uint64_t text[] = {FAKE_STEXT};
	static const char *const rw[] = {"rw-"};
	static const uint64_t direct[] = {FAKE_DIRECT_MAP};
	static const char *const ro[] = {"r--"};
	static const uint64_t small[] = {FAKE_SMALL + 0x1000};

	expect(&(struct range_filter){.executable = true, .region = region_find("text")},
	       1, x, text);
	expect(&(struct range_filter){.writable = true, .executable = true}, 0, NULL,
	       NULL);
	expect(&(struct range_filter){.user = true}, 0, NULL, NULL);
	expect(&(struct range_filter){.writable = true,
				      .region = region_find("direct-map")},
	       1, rw, direct);
	expect(&(struct range_filter){.first = FAKE_SMALL + 0x1000,
				      .last = FAKE_SMALL + 0x1fff},
	       1, ro, small);
	cr_expect_eq(seen.array[0].size_bytes, 4096);
	expect(&(struct range_filter){.first = FAKE_SMALL + 0x2000, .last = UINT64_MAX},
	       0, NULL, NULL);
}

Test(audit_ranges, a_range_is_clipped)
{
	static const char *const rights[] = {"r-x"};
	static const uint64_t addresses[] = {FAKE_STEXT + 0x1000};

	expect(&(struct range_filter){.first = FAKE_STEXT + 0x1000,
				      .last = FAKE_STEXT + 0x2fff},
	       1, rights, addresses);
	cr_expect_eq(seen.array[0].size_bytes, 0x2000);
}

Test(audit_ranges, the_callback_stops_it)
{
	const struct range_filter all = {0};

	memset(&seen, 0, sizeof(seen));
	seen.answer = -EINTR;
	cr_expect_eq(ranges_each(&kernel, &all, keep, &seen), -EINTR);
	cr_expect_eq(seen.nr, 1);
}

Test(audit_ranges, regions_by_name)
{
	cr_expect_eq(region_find("direct-map")->kind, REGION_DIRECT_MAP);
	cr_expect_eq(region_find("Direct Map")->kind, REGION_DIRECT_MAP);
	cr_expect_eq(region_find(".text")->kind, REGION_TEXT);
	cr_expect_eq(region_find("RODATA")->kind, REGION_RODATA);
	cr_expect_eq(region_find("cpu-entry-area")->kind, REGION_CPU_ENTRY_AREA);
	cr_expect_null(region_find("texts"));
	cr_expect_null(region_find(""));
}
