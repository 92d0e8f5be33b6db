/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map for people: one range a line. */
#include "cmd/map_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/text.h"

/* "16K", "2M", "1536M": in the largest unit that divides it. */
static void print_size(uint64_t bytes)
{
	static const char units[] = "KMGTP";
	uint64_t kib = bytes / 1024;
	size_t unit = 0;

	while (unit + 2 < sizeof(units) && kib >= 1024 && kib % 1024 == 0) {
		kib /= 1024;
		unit++;
	}
	printf("%7" PRIu64 "%c", kib, units[unit]);
}

static void print_page_sizes(const struct range *range)
{
	static const char *const names[RANGE_NR_SIZES] = {"4K", "2M", "1G"};
	char text[16] = "";

	for (size_t i = 0; i < RANGE_NR_SIZES; i++)
		if (range->bytes_by_size[i]) {
			strcat(text, text[0] ? "+" : "");
			strcat(text, names[i]);
		}
	printf("%-9s", text[0] ? text : "-");
}

void map_text_range(const struct range *range)
{
	printf("%016" PRIx64 "-%016" PRIx64 " ", range->va,
	       range->va + (range->size_bytes - 1));
	print_size(range->size_bytes);
	printf("  %s%c  ", range_rights(range),
	       range->user && range->reason == PT_OK ? 'u' : ' ');
	print_page_sizes(range);
	printf("%s", range->region->name);
	if (range->symbol) {
		fputs("  ", stdout);
		if (range->module) {
			text_safe(stdout, range->module);
			putchar(':');
		}
		text_safe(stdout, range->symbol);
		if (range->symbol_offset)
			printf("+0x%" PRIx64, range->symbol_offset);
	}
	if (range->reason != PT_OK)
		printf("  (%s)", pt_reason_name(range->reason));
	else if (range->mapped_bytes < range->size_bytes)
		printf("  (%" PRIu64 "K of it mapped)", range->mapped_bytes / 1024);
	putchar('\n');
}

void map_text_sums(const struct map_sums *sums)
{
	printf("%" PRIu64 " ranges: %" PRIu64 "K r--, %" PRIu64 "K rw-, %" PRIu64
	       "K r-x, %" PRIu64 "K rwx",
	       sums->nr_ranges, sums->mapped_bytes[0][0] / 1024,
	       sums->mapped_bytes[1][0] / 1024, sums->mapped_bytes[0][1] / 1024,
	       sums->mapped_bytes[1][1] / 1024);
	if (sums->nr_undecided)
		printf(", %" PRIu64 " undecided", sums->nr_undecided);
	putchar('\n');
}
