/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands left and right of the lines of a log. */
#include "oops/margin.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *none_known(const char *p, const char *end, const char **behind)
{
	(void)p;
	*behind = end;
	return end;
}

static void learn(struct margin *margin, const char *line)
{
	margin_learn(margin, line, line + strlen(line), none_known);
}

static size_t left(const struct margin *margin, const char *line)
{
	bool is_mark;

	return margin_left(margin, line, line + strlen(line), &is_mark);
}

Test(oops_margin, numbers_and_blanks_are_any)
{
	struct margin margin = {0};
	const char *line = "#1234:  host| Code: 48 |";

	learn(&margin, "#9: host| RIP: 0010:f+0x1/0x2 |");
	learn(&margin, "#10: host| RAX: 0000000000000000 RBX: 0000000000000000 "
		       "RCX: 0000000000000000 |");
	learn(&margin, "#11: host| CS:  0010 DS: 0000 CR0: 0000000080050033 |");
	margin_settle(&margin);
	cr_expect_eq(left(&margin, line), 14);
	cr_expect_eq(left(&margin, "host| Code: 48 |"), 0);
	cr_expect_eq(margin_right(&margin, line, line + strlen(line)), 2);
	cr_expect_eq(margin_right(&margin, line, line + strlen(line) - 1), 0);
}

/* Two headlines of one kind are two reports. */
Test(oops_margin, words_of_one_kind_are_no_margin)
{
	struct margin margin = {0};

	learn(&margin, "the second: Oops: 0002 [#1] SMP");
	learn(&margin, "the second: Oops: 0000 [#2] SMP");
	margin_settle(&margin);
	cr_expect_eq(left(&margin, "the second: Oops: 0002 [#1] SMP"), 0);
}

Test(oops_margin, most_lines_say_it)
{
	struct margin margin = {0};

	learn(&margin, "+RIP: 0010:f+0x1/0x2");
	learn(&margin, "+RSP: 0018:ffff888000000000 EFLAGS: 00010246");
	for (int i = 0; i < 3; i++)
		learn(&margin, "RSP: 0018:ffff888000000000 EFLAGS: 00010246");
	learn(&margin, "RIP: 0010:f+0x1/0x2");
	margin_settle(&margin);
	cr_expect_eq(left(&margin, "+Code: 48"), 0);
}

/* Loggers put the line's level there, which differs. */
Test(oops_margin, any_level)
{
	struct margin margin = {0};

	learn(&margin, "box: kern: warning: RIP: 0010:f+0x1/0x2");
	learn(&margin, "box: kern:    crit: RSP: 0018:ffff888000000000 EFLAGS: 00010246");
	margin_settle(&margin);
	cr_expect_eq(left(&margin, "box: kern: info: Code: 48"), 17);
	cr_expect_eq(left(&margin, "box: kern: other: Code: 48"), 0);
}

/* The first lines of a report have no numbers at their ends. */
Test(oops_margin, rows_of_words)
{
	struct margin margin = {0};
	const char *line = "Hardware name: x |";

	learn(&margin, "Oops: 0003 [#1] SMP |");
	learn(&margin, "CPU: 0 PID: 1 Comm: a Not tainted 6.1.0 #1 |");
	margin_settle(&margin);
	cr_expect_eq(margin_right(&margin, line, line + strlen(line)), 2);
}
