/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/oops_origin.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HEADLINE "BUG: unable to handle page fault"
/* 2026-03-01 00:00:00 UTC */
enum { MARCH = 1772323200 };

static struct oops_origin origin;

static void setup(void)
{
	setenv("TZ", "UTC", 1);
	oops_origin_start();
}

TestSuite(cmd_oops_origin, .init = setup);

static void find(const char *text, int64_t written)
{
	size_t at = 0;

	oops_origin_find(&origin, text, strlen(text), &at, HEADLINE, written);
}

static void expect(const char *text, const char *host, const char *time, const char *from)
{
	char seen[OOPS_ORIGIN_TIME_BYTES] = "";

	find(text, MARCH);
	if (origin.from != OOPS_SEEN_NEVER)
		oops_origin_time(origin.seconds, seen);
	cr_expect_str_eq(origin.host, host, "%s: %s", text, origin.host);
	cr_expect_str_eq(seen, time, "%s: %s", text, seen);
	cr_expect_str_eq(oops_origin_from(origin.from), from, "%s", text);
}

Test(cmd_oops_origin, before_the_line)
{
	expect("Feb 28 12:00:01 web3 kernel: [  1.0] " HEADLINE, "web3",
	       "2026-02-28T12:00:01Z", "log");
	expect("x\nFeb  3 12:00:01 web-3.example.org kernel: " HEADLINE "\n",
	       "web-3.example.org", "2026-02-03T12:00:01Z", "log");
	expect("2026-02-28T13:00:01.123456+01:00 web3 kernel: " HEADLINE, "web3",
	       "2026-02-28T12:00:01Z", "log");
	expect("2026-02-28T13:00:01+0100 web3 kernel: " HEADLINE, "web3",
	       "2026-02-28T12:00:01Z", "log");
	expect("<4>1 2026-02-28T12:00:01Z web3 kernel - - - " HEADLINE, "web3",
	       "2026-02-28T12:00:01Z", "log");
	expect("Sat 2026-02-28 12:00:01 UTC web3 kernel: " HEADLINE, "web3",
	       "2026-02-28T12:00:01Z", "log");
	expect("[Sat Feb 28 12:00:01 2026] " HEADLINE, "", "2026-02-28T12:00:01Z", "log");
	expect("2026-02-28T12:00:01,000000+00:00 " HEADLINE, "", "2026-02-28T12:00:01Z",
	       "log");
	expect("> Feb 28 12:00:01 web3 kernel: " HEADLINE, "web3", "2026-02-28T12:00:01Z",
	       "log");
}

/* A line without a year is of the last such day before its file was written. */
Test(cmd_oops_origin, last_year)
{
	expect("Dec 31 12:00:01 web3 kernel: " HEADLINE, "web3", "2025-12-31T12:00:01Z",
	       "log");
	find("Dec 31 12:00:01 web3 kernel: " HEADLINE, 0);
	cr_expect_eq(origin.from, OOPS_SEEN_NEVER);
	cr_expect_str_eq(origin.host, "web3");
}

Test(cmd_oops_origin, journal)
{
	expect("{\"_HOSTNAME\":\"web3\",\"MESSAGE\":\"" HEADLINE
	       "\",\"__REALTIME_TIMESTAMP\":\"1772280001123456\"}",
	       "web3", "2026-02-28T12:00:01Z", "log");
	expect("__REALTIME_TIMESTAMP=1\n_HOSTNAME=other\nMESSAGE=x\n\n"
	       "__REALTIME_TIMESTAMP=1772280001123456\n_HOSTNAME=web3\nMESSAGE=" HEADLINE
	       "\n\n_HOSTNAME=third\n",
	       "web3", "2026-02-28T12:00:01Z", "log");
}

/* Nothing is guessed: what is before the line is no host, and no time. */
Test(cmd_oops_origin, none)
{
	static const char *const texts[] = {
		"[  1.0] " HEADLINE,
		HEADLINE,
		"Feb 28 12:00:01 web3 myapp: " HEADLINE,
		"Feb 30x12:00:01 web3 kernel: " HEADLINE,
		"another line",
		"",
		"{",
		"MESSAGE=" HEADLINE,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		find(texts[i], 0);
		cr_expect_str_eq(origin.host, "", "%s", texts[i]);
		find(texts[i], MARCH);
		cr_expect_eq(origin.from == OOPS_SEEN_LOG, i == 2 && origin.seconds > 0,
			     "%s", texts[i]);
	}
}

/* The same first line twice: each has its own. */
Test(cmd_oops_origin, one_behind_the_other)
{
	static const char text[] = "Feb 1 12:00:01 a kernel: " HEADLINE "\n"
				   "Feb 02 12:00:01 b kernel: " HEADLINE "\n";
	size_t at = 0;

	oops_origin_find(&origin, text, strlen(text), &at, HEADLINE, MARCH);
	oops_origin_find(&origin, text, strlen(text), &at, HEADLINE, MARCH);
	cr_expect_str_eq(origin.host, "b");
	oops_origin_find(&origin, text, strlen(text), &at, HEADLINE, MARCH);
	cr_expect_str_eq(origin.host, "");
}
