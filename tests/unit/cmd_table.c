/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/table.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

static const struct table_column columns[] = {
	{.name = "NAME"},
	{.name = "NUMBER", .is_right = true, .yields = 1},
	{.name = "MORE", .is_asked = true},
	{.name = "WHAT"},
};

static void show(const struct options *options)
{
	struct error err = {0};
	struct table table;

	cr_redirect_stdout();
	cr_assert_eq(table_open(&table, columns, 4, options, &err), 0, "%s", err.message);
	table_row(&table);
	table_cell(&table, 0, "a\n\033[1m");
	table_cell(&table, 1, "%d", 7);
	table_cell(&table, 2, "more");
	table_row(&table);
	table_cell(&table, 0, "b");
	table_cell(&table, 3, "%s", "words and words");
	table_print(&table, NULL, NULL);
	table_close(&table);
	fflush(stdout);
}

/* No trailing blank, a dash for what is empty inside, and control characters shown. */
Test(cmd_table, headings_and_rows)
{
	show(&(struct options){0});
	cr_assert_stdout_eq_str("NAME      NUMBER WHAT\n"
				"a?\\x1b[1m      7\n"
				"b              - words and words\n");
}

Test(cmd_table, columns_that_were_asked_for)
{
	show(&(struct options){.output = "what,More", .noheadings = true});
	cr_assert_stdout_eq_str("-               more\nwords and words\n");
}

/* The usual ones keep the last, which is wide. */
Test(cmd_table, columns_that_are_added)
{
	show(&(struct options){.output = "+more", .noheadings = true});
	cr_assert_stdout_eq_str("a?\\x1b[1m 7 more\n"
				"b         - -    words and words\n");
}

Test(cmd_table, no_such_column)
{
	static const char *const words[] = {"nonsense",	  "",  "name,",
					    "name,,what", "+", "+x"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct options options = {.output = words[i]};
		struct error err = {0};

		cr_expect_lt(table_check(columns, 4, &options, &err), 0, "%s", words[i]);
		cr_expect_eq(err.code, ERROR_USAGE);
		cr_expect_not_null(
			strstr(err.message, "there are NAME, NUMBER, MORE, WHAT"), "%s",
			err.message);
	}
}

/* A terminal of that many columns; what it gets has no line that is longer. */
static void on_terminal(unsigned width, const char *words, struct run *run)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "script -qec 'stty cols %u; %s' /dev/null </dev/null | tr -d '\r' | "
		 "sed 's/\x1b\\[[0-9;]*m//g'",
		 width, words);
	run_shell(run, line);
}

Test(cmd_table, a_terminal_s_width)
{
	static const unsigned widths[] = {60, 80, 132};
	static struct run run;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		size_t nr = 0;

		on_terminal(widths[i],
			    KWCHECK_BINARY " audit lsm,image,modules -n "
					   "--core tests/data/captures/6.1.zst",
			    &run);
		for (char *line = strtok(run.out, "\n"); line;
		     line = strtok(NULL, "\n"), nr++) {
			if (strncmp(line, "no finding", 10) == 0)
				break;
			cr_expect_leq(strlen(line), widths[i], "%u: '%s'", widths[i],
				      line);
		}
		cr_expect_gt(nr, 10u, "%u: %zu lines", widths[i], nr);
	}
}

Test(cmd_table, colours_as_the_terminal_has_them)
{
	static const struct {
		const char *environment;
		bool is_colored;
	} cases[] = {
		{"TERM=xterm", true},
		{"TERM=dumb", false},
		{"TERM=xterm NO_COLOR=1", false},
		{"TERM=xterm NO_COLOR=", true},
	};
	static struct run run;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[256];

		snprintf(line, sizeof(line),
			 "env -u TERM -u NO_COLOR %s script -qec '" KWCHECK_BINARY
			 " audit image --core tests/data/captures/6.1.zst' /dev/null "
			 "</dev/null",
			 cases[i].environment);
		run_shell(&run, line);
		cr_expect_not_null(strstr(run.out, "kernel text"), "%s", run.out);
		cr_expect_eq(strstr(run.out, "\033[") != NULL, cases[i].is_colored, "%s",
			     cases[i].environment);
	}
}

/* Rows that were printed take no memory; columns stay as wide as they were. */
Test(cmd_table, many_rows_are_printed_as_they_come)
{
	enum { NR = 2 * TABLE_MANY + 10 };
	struct options options = {0};
	struct error err = {0};
	struct table table;
	char line[256];
	size_t nr = 0;
	FILE *out = tmpfile(); /* it is more than a pipe holds */

	cr_assert_not_null(out);
	cr_assert_eq(dup2(fileno(out), STDOUT_FILENO), STDOUT_FILENO);
	cr_assert_eq(table_open(&table, columns, 4, &options, &err), 0, "%s",
		     err.message);
	for (int i = 0; i < NR; i++) {
		table_row(&table);
		table_cell(&table, 0, i == 5 ? "a long name" : "name");
		if (i % 2)
			table_cell(&table, 1, "%d", i == 7 ? 123456789 : i);
		table_cell(&table, 3, "w%d", i);
		table_relieve(&table);
		cr_assert_lt(table.nr, (size_t)TABLE_MANY);
	}
	table_print(&table, NULL, NULL);
	table_close(&table);
	fflush(stdout);
	rewind(out);
	while (fgets(line, sizeof(line), out)) {
		char word[32];

		snprintf(word, sizeof(word), nr ? "w%zu\n" : "WHAT\n", nr - 1);
		cr_assert_str_eq(line + strlen("a long name 123456789 "), word, "%zu: %s",
				 nr, line);
		nr++;
	}
	fclose(out);
	cr_expect_eq(nr, NR + 1, "%zu lines, with one heading", nr);
}
