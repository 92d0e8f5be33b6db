/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "run.h"

Test(cmd_text, colour)
{
	cr_redirect_stdout();
	cr_expect(text_wants_color(COLOR_ALWAYS));
	cr_expect_not(text_wants_color(COLOR_NEVER));
	cr_expect_not(text_wants_color(COLOR_AUTO), "standard output is no terminal");
	setenv("NO_COLOR", "1", 1);
	cr_expect(text_wants_color(COLOR_ALWAYS));
}

static void expect_safe(const char *bytes, const char *want)
{
	_cleanup_free_ char *text = NULL;
	size_t size_bytes;
	FILE *file = open_memstream(&text, &size_bytes);

	text_safe(file, bytes);
	fclose(file);
	cr_expect_str_eq(text, want);
}

Test(cmd_text, untrusted_bytes_are_made_visible)
{
	expect_safe("plain ~!", "plain ~!");
	expect_safe("\033[2J\n\t\x7f", "\\x1b[2J\\x0a\\x09\\x7f");
	expect_safe("\xc3\xa9\x9b", "\\xc3\\xa9\\x9b");
	expect_safe("%s%n", "%s%n");
}

Test(cmd_text, the_kernel)
{
	const struct kernelfacts facts = {
		.release = "6.1\033",
		.symbols_from = "memory",
		.root_name = "own-mm",
		.root_pa = 0x1000,
		.format.levels = 5,
		.notes = {"a note", "another"},
		.nr_notes = 2,
	};
	const struct text text = {.facts = &facts};

	cr_redirect_stdout();
	text_kernel(&text);
	text_reads(7);
	fflush(stdout);
	cr_assert_stdout_eq_str(
		"kernel 6.1\\x1b, 5-level tables, names from memory, root own-mm at "
		"physical 0000000000001000\n"
		"  note: a note\n"
		"  note: another\n"
		"7 reads of the core\n");
}

Test(cmd_text, source_lines)
{
	static const struct sourceline lines[] = {
		{"inner", "a.h", 3}, {"outer", "b.c", 40}, {"nowhere", "", 0}};
	_cleanup_free_ char *text = NULL;
	size_t size_bytes;
	FILE *file = open_memstream(&text, &size_bytes);

	text_lines(file, "  ", lines, 3);
	fclose(file);
	cr_expect_str_eq(text, "  source: inner at a.h:3\n"
			       "  inlined into outer at b.c:40\n"
			       "  inlined into nowhere\n");
}

/* Sentences are broken where a terminal ends, at 80 elsewhere. */
Test(cmd_text, a_terminal_s_width)
{
	static const unsigned widths[] = {48, 60, 90, 200};
	static struct run run;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		unsigned longest = 0, most = widths[i] > 100 ? 100 : widths[i];
		char line[512];

		snprintf(line, sizeof(line),
			 "script -qec 'stty cols %u; " KWCHECK_BINARY
			 " oops --sysroot=/nonexistent --color=never "
			 "tests/data/oops/7.3-lsm.txt' /dev/null </dev/null | tr -d '\r' "
			 "| sed -n '/^The cause/,/^    *suspect/p'",
			 widths[i]);
		run_shell(&run, line);
		for (char *text = strtok(run.out, "\n"); text; text = strtok(NULL, "\n"))
			if (strlen(text) > longest)
				longest = (unsigned)strlen(text);
		cr_expect_leq(longest, most, "%u: %u", widths[i], longest);
		cr_expect_gt(longest, most - 20, "%u: %u", widths[i], longest);
	}
}
