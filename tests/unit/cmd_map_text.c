/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/map_text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>

Test(cmd_map_text, one_line_a_range)
{
	const struct range ranges[] = {
		{.va = 0xffffffff81000000,
		 .size_bytes = 0x200000,
		 .mapped_bytes = 0x200000,
		 .bytes_by_size = {[PT_PMD] = 0x200000},
		 .region = region_of_kind(REGION_TEXT),
		 .symbol = "_text"},
		{.va = 0xffffffffc0000000,
		 .size_bytes = 0x180000,
		 .mapped_bytes = 0x1000,
		 .bytes_by_size = {[PT_PTE] = 0x1000, [PT_PUD] = 0x1000},
		 .writable = true,
		 .nx = true,
		 .user = true,
		 .region = region_of_kind(REGION_MODULES),
		 .symbol = "a\033",
		 .module = "m",
		 .symbol_offset = 0x10},
		{.va = 0xffffffffffe00000,
		 .size_bytes = 0x200000,
		 .user = true,
		 .reason = PT_UNREADABLE,
		 .region = region_of_kind(REGION_FIXMAP)},
	};

	const struct options options = {0};
	struct error err = {0};
	struct table table;

	cr_redirect_stdout();
	cr_assert_eq(map_text_open(&table, &options, &err), 0);
	for (size_t i = 0; i < 3; i++)
		map_text_range(&table, &ranges[i]);
	table_print(&table, NULL, NULL);
	table_close(&table);
	fflush(stdout);
	cr_assert_stdout_eq_str(
		"FIRST            LAST              SIZE RIGHTS PAGES REGION      NAME\n"
		"ffffffff81000000 ffffffff811fffff    2M r-x    2M    .text       _text\n"
		"ffffffffc0000000 ffffffffc017ffff 1536K rw-u   4K+1G module area "
		"m:a\\x1b+0x10 (4K of it mapped)\n"
		"ffffffffffe00000 ffffffffffffffff    2M ?--    -     fixmap      "
		"(unreadable-table)\n");
}

Test(cmd_map_text, sums)
{
	const struct map_sums sums = {.nr_ranges = 4,
				      .nr_undecided = 1,
				      .mapped_bytes = {{1024, 2048}, {3072, 4096}}};
	struct map_sums known = sums;

	known.nr_undecided = 0;
	cr_redirect_stdout();
	map_text_sums(&sums);
	map_text_sums(&known);
	fflush(stdout);
	cr_assert_stdout_eq_str("4 ranges: 1K r--, 3K rw-, 2K r-x, 4K rwx, 1 undecided\n"
				"4 ranges: 1K r--, 3K rw-, 2K r-x, 4K rwx\n");
}
