/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/alias_text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

enum { NR_PAGES = 40, NR_ALIASES = 2 };

static const uint64_t DIRECT = 0xffff888000100000, OTHER = 0xffffffffc0100000;

static struct result_alias aliases[NR_PAGES][NR_ALIASES];
static struct result_page pages[NR_PAGES];

/* Pages of a constant, each read-only in the direct map and mapped once more. */
static void setup(void)
{
	for (size_t i = 0; i < NR_PAGES; i++) {
		aliases[i][0] = (struct result_alias){DIRECT + i * 4096, 4096,
						      PT_READ_ONLY,
						      region_of_kind(REGION_DIRECT_MAP)};
		aliases[i][1] = (struct result_alias){OTHER + i * 4096, 4096,
						      PT_READ_ONLY,
						      region_of_kind(REGION_UNKNOWN)};
		pages[i] = (struct result_page){.aliases = aliases[i],
						.nr_aliases = NR_ALIASES,
						.size_bytes = 4096};
	}
	cr_redirect_stdout();
}

TestSuite(cmd_alias_text, .init = setup);

static void print(size_t nr_pages)
{
	const struct result result = {
		.pages = pages, .nr_pages = nr_pages, .size_bytes = nr_pages * 4096};

	alias_text_print(&result);
	fflush(stdout);
}

Test(cmd_alias_text, neighbours_are_one_line)
{
	print(NR_PAGES);
	cr_assert_stdout_eq_str(
		"  also mapped at ffff888000100000 read-only (direct map)\n"
		"  also mapped at ffffffffc0100000 read-only (no known region)\n");
}

/* Another verdict is another line, and a writable one the first. */
Test(cmd_alias_text, a_writable_page_stands_out)
{
	aliases[2][1].verdict = PT_WRITABLE;
	print(4);
	cr_assert_stdout_eq_str(
		"  also mapped at ffffffffc0102000 writable (no known region), 4096 bytes of it\n"
		"  also mapped at ffff888000100000 read-only (direct map)\n"
		"  also mapped at ffffffffc0100000 read-only (no known region), 8192 bytes of it\n"
		"  also mapped at ffffffffc0103000 read-only (no known region), 4096 bytes of "
		"it\n");
}

Test(cmd_alias_text, scattered_pages_are_not_all_told)
{
	char text[8192] = "", *line = text;
	size_t nr = 0;

	for (size_t i = 0; i < NR_PAGES; i++)
		aliases[i][1].va = OTHER + i * 0x10000;
	print(NR_PAGES);
	cr_assert_gt(fread(text, 1, sizeof(text) - 1, cr_get_redirected_stdout()), 0);
	while ((line = strchr(line, '\n')) && ++nr)
		line++;
	cr_expect_eq(nr, 17);
	cr_expect_not_null(strstr(text, "  and 25 more mappings; --json has them all\n"));
}

Test(cmd_alias_text, none)
{
	const struct result result = {.pages = pages, .nr_pages = 0};

	puts("-");
	alias_text_print(&result);
	fflush(stdout);
	cr_assert_stdout_eq_str("-\n");
}
