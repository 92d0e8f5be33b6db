/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/steady.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(kcore_steady, what_the_cpu_sets_is_no_change)
{
	static const uint64_t before[] = {0x8000000000001063, 0x2063, 0, 0x3001};
	static const uint64_t used[] = {0x8000000000001003, 0x2063, 0, 0x3061};
	static const uint64_t after[] = {0x8000000000001063, 0x2061, 0x5063, 0x3001};
	struct steady steady = {0};

	steady_add_table(&steady, before, used, 4);
	cr_expect(steady_is_one_moment(&steady));
	steady_add_table(&steady, before, after, 4);
	cr_expect_eq(steady.nr_tables, 2u);
	cr_expect_eq(steady.nr_tables_changed, 1u);
	cr_expect_eq(steady.nr_entries_changed, 2u);
	cr_expect_not(steady_is_one_moment(&steady));
}

Test(kcore_steady, modules_that_came_went_or_moved)
{
	static struct steady_module were[] = {{1, "stays"}, {2, "goes"}, {3, "moves"}};
	static struct steady_module are[] = {{1, "stays"}, {4, "moves"}, {5, "comes"}};
	const struct steady_list before = {were, 3, true}, after = {are, 3, true};
	const struct steady_list broken = {are, 1, false};
	struct steady steady = {0}, same = {0}, unknown = {0};

	steady_add_lists(&steady, &before, &after);
	cr_expect_eq(steady.nr_modules_changed, 4u);
	cr_expect_str_eq(steady.names, "goes,moves,comes");
	steady_add_lists(&same, &before, &before);
	cr_expect(same.has_modules && steady_is_one_moment(&same));
	steady_add_lists(&unknown, &before, &broken);
	cr_expect_not(unknown.has_modules);
}

Test(kcore_steady, in_words_and_back)
{
	struct steady steady = {.nr_tables = 10,
				.nr_tables_changed = 2,
				.nr_entries_changed = 7,
				.has_modules = true,
				.nr_modules = 3,
				.nr_modules_changed = 1,
				.names = "churn"};
	struct steady again = {0};
	char text[STEADY_TEXT_BYTES], text_again[STEADY_TEXT_BYTES];
	char words[KERNEL_NOTE_BYTES];

	steady_text(&steady, text);
	cr_assert_eq(steady_parse(&again, text, sizeof(text)), 0);
	steady_text(&again, text_again);
	cr_expect_str_eq(text_again, text);
	steady_words(&again, words, sizeof(words));
	cr_expect_str_eq(words, "2 of 10 page tables changed (7 entries); modules came "
				"or went: churn");
	cr_expect_eq(steady_parse(&again, "TABLES=x\n", 9), -EINVAL);
	cr_expect_eq(steady_parse(&again, "", 0), -EINVAL);
}
