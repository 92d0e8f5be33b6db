/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/progress.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "run.h"

#define CORE "--core=tests/data/captures/6.1.zst"
#define WIPE "\r\033[K"

static struct run run;

/* Standard output and error of @words on one terminal. */
static void on_terminal(const char *term, const char *words)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "export d=$(mktemp -d); TERM=%s script -qec '" KWCHECK_BINARY
		 " %s; rm -rf '$d /dev/null </dev/null",
		 term, words);
	run_shell(&run, line);
}

static unsigned count(const char *text, const char *part)
{
	unsigned nr = 0;

	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		nr++;
	return nr;
}

/* It is wiped before the result, which begins a line of its own. */
Test(cmd_progress, on_a_terminal)
{
	const char *result;

	on_terminal("vt100", "capture " CORE " $d/x.zst");
	cr_expect_geq(count(run.out, "writing "), 1, "%s", run.out);
	cr_expect_lt(count(run.out, "writing "), 100, "%s", run.out);
	result = strstr(run.out, "/x.zst: ");
	cr_assert_not_null(result, "%s", run.out);
	while (*result != '\033')
		result--;
	cr_expect_eq(strncmp(result, "\033[K", 3), 0, "%s", run.out);
	cr_expect_null(strstr(result, "writing "), "%s", run.out);
}

Test(cmd_progress, where_a_line_cannot_be_written_anew)
{
	static const char *const terms[] = {"dumb", "\"\"", "unknown"};

	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		on_terminal(terms[i], "capture " CORE " $d/x.zst");
		cr_expect_not_null(strstr(run.out, "/x.zst: "), "%s", run.out);
		cr_expect_eq(count(run.out, "writing "), 0, "%s: %s", terms[i], run.out);
		cr_expect_null(strchr(run.out, '\033'), "%s: %s", terms[i], run.out);
	}
	on_terminal("vt100", "capture -q " CORE " $d/x.zst");
	cr_expect_str_eq(run.out, "");
}

/* Standard error is no terminal here, whatever TERM says. */
Test(cmd_progress, at_most_ten_times_a_second)
{
	struct progress progress;
	const struct options options = {0};

	progress_open(&progress, &options);
	cr_expect_not(progress.is_shown);
	progress_tell(&progress, "%d", 1);
	cr_expect_not(progress.is_on_screen);
	progress.is_shown = true;
	progress_tell(&progress, "%d", 2);
	cr_expect(progress.is_on_screen);
	progress.is_on_screen = false;
	progress_tell(&progress, "%d", 3);
	cr_expect_not(progress.is_on_screen);
	progress.last_ns -= 100 * 1000 * 1000;
	progress_tell(&progress, "%d", 4);
	cr_expect(progress.is_on_screen);
	progress_wipe(&progress);
	cr_expect_not(progress.is_on_screen);
}
