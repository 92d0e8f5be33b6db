/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map for people: one range a line. */
#include "cmd/map_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FIRST, LAST, SIZE, RIGHTS, PAGES, REGION, NAME, NR_COLUMNS };

static const struct table_column columns[NR_COLUMNS] = {
	[FIRST] = {.name = "FIRST"},
	[LAST] = {.name = "LAST", .yields = 1},
	[SIZE] = {.name = "SIZE", .is_right = true},
	[RIGHTS] = {.name = "RIGHTS"},
	[PAGES] = {.name = "PAGES", .yields = 2},
	[REGION] = {.name = "REGION"},
	[NAME] = {.name = "NAME"},
};

int map_text_open(struct table *ret, const struct options *options, struct error *err)
{
	return table_open(ret, columns, NR_COLUMNS, options, err);
}

/* "16K", "2M", "1536M": in the largest unit that divides it. */
static void add_size(struct table *table, uint64_t bytes)
{
	static const char units[] = "KMGTP";
	uint64_t kib = bytes / 1024;
	size_t unit = 0;

	while (unit + 2 < sizeof(units) && kib >= 1024 && kib % 1024 == 0) {
		kib /= 1024;
		unit++;
	}
	table_cell(table, SIZE, "%" PRIu64 "%c", kib, units[unit]);
}

static void add_page_sizes(struct table *table, const struct range *range)
{
	static const char *const names[RANGE_NR_SIZES] = {"4K", "2M", "1G"};
	char text[16] = "";

	for (size_t i = 0; i < RANGE_NR_SIZES; i++)
		if (range->bytes_by_size[i]) {
			strcat(text, text[0] ? "+" : "");
			strcat(text, names[i]);
		}
	table_cell(table, PAGES, "%s", text);
}

static void add_name(struct table *table, const struct range *range)
{
	char offset[32] = "", note[64] = "";

	if (range->symbol && range->symbol_offset)
		snprintf(offset, sizeof(offset), "+0x%" PRIx64, range->symbol_offset);
	if (range->reason != PT_OK)
		snprintf(note, sizeof(note), "(%s)", pt_reason_name(range->reason));
	else if (range->mapped_bytes < range->size_bytes)
		snprintf(note, sizeof(note), "(%" PRIu64 "K of it mapped)",
			 range->mapped_bytes / 1024);
	table_cell(table, NAME, "%s%s%s%s%s%s",
		   range->symbol && range->module ? range->module : "",
		   range->symbol && range->module ? ":" : "",
		   range->symbol ? range->symbol : "", offset,
		   range->symbol && *note ? " " : "", note);
}

void map_text_range(struct table *table, const struct range *range)
{
	table_row(table);
	table_cell(table, FIRST, "%016" PRIx64, range->va);
	table_cell(table, LAST, "%016" PRIx64, range->va + (range->size_bytes - 1));
	add_size(table, range->size_bytes);
	table_cell(table, RIGHTS, "%s%s", range_rights(range),
		   range->user && range->reason == PT_OK ? "u" : "");
	add_page_sizes(table, range);
	table_cell(table, REGION, "%s", range->region->name);
	add_name(table, range);
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
