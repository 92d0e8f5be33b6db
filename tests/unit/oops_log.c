/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/log.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "oops/crash.h"

/* The one message of @text, whatever is around it. */
static void expect_line(const char *text, const char *message, bool has_time,
			uint64_t time_us)
{
	struct log log;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	cr_expect_eq(log.nr, 1, "%s: %zu lines", text, log.nr);
	if (log.nr) {
		cr_expect_str_eq(log.lines[0].text, message, "%s", text);
		cr_expect_eq(log.lines[0].has_time, has_time, "%s", text);
		if (has_time)
			cr_expect_eq(log.lines[0].time_us, time_us, "%s", text);
	}
	log_free(&log);
}

Test(oops_log, every_wrapping_comes_off)
{
	static const struct {
		const char *text;
		bool has_time;
	} rows[] = {
		{"Code: 00 <48>\n", false},
		{"[  415.746844] Code: 00 <48>\n", true},
		{"[  415.746844] Code: 00 <48>\r\n", true},
		{"<4>[  415.746844] Code: 00 <48>\n", true},
		{"<4>Code: 00 <48>\n", false},
		{"[  415.746844][   T98] Code: 00 <48>\n", true},
		{"[  415.746844] [    C0] Code: 00 <48>\n", true},
		{"[  415.746844 <    0.000001>] Code: 00 <48>\n", true},
		{"kern  :alert : [  415.746844] Code: 00 <48>\n", true},
		{"[Tue Nov 24 22:47:01 2026] Code: 00 <48>\n", false},
		{"[Nov24 22:47] Code: 00 <48>\n", false},
		{"May  4 14:08:48  Code: 00 <48>\n", false},
		{"2026-11-24 22:47:01 Code: 00 <48>\n", false},
		{"2026-11-24 22:47:01.123 +0100 Code: 00 <48>\n", false},
		{"Tue, 24 Nov 2026 22:47:01 Code: 00 <48>\n", false},
		{"24.11.2026 22:47:01 [  415.746844] Code: 00 <48>\n", true},
		{"22:47:01 Code: 00 <48>\n", false},
		{"[  +0.000012] Code: 00 <48>\n", false},
		{"2026-11-24T22:47:01,123456+00:00 Code: 00 <48>\n", false},
		{"Nov 24 22:47:01 host kernel: Code: 00 <48>\n", false},
		{"Nov 24 22:47:01 host kernel: [  415.746844] Code: 00 <48>\n", true},
		{"[  415.746844] host kernel: Code: 00 <48>\n", true},
		{"2026-11-24T22:47:01.1+01:00 host kernel: Code: 00 <48>\n", false},
		{"4,339,415746844,-;Code: 00 <48>\n", true},
		{"4,339,415746844,-;Code: 00 <48>\n SUBSYSTEM=x\n DEVICE=+y\n", true},
		{"\033[32m[  415.746844] \033[0mCode: 00 <48>\n", true},
		{"<4>[  415.746844] Code: 00 <48>\n", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_line(rows[i].text, "Code: 00 <48>", rows[i].has_time, 415746844);
}

Test(oops_log, json)
{
	expect_line("{\"dmesg\": [ {\"pri\": 4, \"time\":   415.746844, \"msg\": "
		    "\"Code: 00 <48>\"} ] }",
		    "Code: 00 <48>", true, 415746844);
	expect_line(
		"{\"_BOOT_ID\":\"00112233445566778899aabbccddeeff\",\"_TRANSPORT\":"
		"\"kernel\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"415746844\",\"MESSAGE\":"
		"\"Code: 00 <48>\"}\n",
		"Code: 00 <48>", true, 415746844);
	expect_line("{\"MESSAGE\":[67,111,100,101,58,32,60,62]}\n", "Code: <>", false, 0);
	expect_line("{\"MESSAGE\":\"a\\u0041\\\"\\\\\\/\\u00e9\"}\n", "aA\"\\/\xc3\xa9",
		    false, 0);
}

Test(oops_log, a_journal_has_a_boot_id_and_other_senders)
{
	static const char text[] =
		"{\"_BOOT_ID\":\"00112233445566778899aabbccddeeff\",\"_TRANSPORT\":"
		"\"stdout\",\"MESSAGE\":\"BUG: not the kernel's\"}\n"
		"{\"MESSAGE\":\"one\",\"_BOOT_ID\":\"0123456789abcdef0123456789abcdef\","
		"\"_TRANSPORT\":\"kernel\"}\n";
	struct log log;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	cr_assert_eq(log.nr, 1);
	cr_expect_str_eq(log.lines[0].text, "one");
	cr_expect_str_eq(log.boot_id, "0123456789abcdef0123456789abcdef");
	log_free(&log);
}

Test(oops_log, lines_that_a_console_ran_together)
{
	static const char text[] =
		"[    3.302648] CR2: ffffffffba394ff8 CR4: 00000000000006f0[    3.349858] "
		"tsc: Refined\n";
	struct log log;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	cr_assert_eq(log.nr, 2);
	cr_expect_str_eq(log.lines[0].text,
			 "CR2: ffffffffba394ff8 CR4: 00000000000006f0");
	cr_expect_eq(log.lines[0].time_us, 3302648);
	cr_expect_str_eq(log.lines[1].text, "tsc: Refined");
	cr_expect_eq(log.lines[1].time_us, 3349858);
	log_free(&log);
}

Test(oops_log, the_last_line_may_be_cut)
{
	struct log log;

	cr_assert_eq(log_read(&log, "one\ntwo", 7), 0);
	cr_assert_eq(log.nr, 2);
	cr_expect(log.lines[0].is_whole);
	cr_expect_not(log.lines[1].is_whole);
	log_free(&log);
	cr_assert_eq(log_read(&log, "{\"msg\":\"one\"},{\"msg\":\"tw", 25), 0);
	cr_assert_eq(log.nr, 2);
	cr_expect(log.lines[0].is_whole);
	cr_expect_not(log.lines[1].is_whole);
	log_free(&log);
}

Test(oops_log, any_bytes)
{
	unsigned char bytes[512];
	struct log log;
	unsigned seed = 1;

	cr_assert_eq(log_read(&log, "", 0), 0);
	cr_expect_eq(log.nr, 0);
	log_free(&log);
	cr_assert_eq(log_read(&log, "a\0b\n", 4), 0);
	cr_expect_str_eq(log.lines[0].text, "a?b");
	log_free(&log);
	for (int round = 0; round < 5000; round++) {
		static const char alphabet[] =
			"[]{}<>\"\\:;,.0123456789T\n\r u\033kernel: msg";

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (unsigned char)(round % 2
							   ? seed >> 16
							   : (unsigned)alphabet
								     [(seed >> 16) %
								      sizeof(alphabet)]);
		}
		if (round % 3 == 0)
			bytes[0] = '{';
		cr_assert_eq(log_read(&log, bytes, seed % sizeof(bytes)), 0);
		log_free(&log);
	}
}

/* No report ends with such a line: it may have been cut, whatever ended it later. */
Test(oops_log, a_last_line_that_is_doubted)
{
	static const struct {
		const char *text;
		bool is_whole;
	} rows[] = {
		{"PGD 3c415067 P4D 3c41\n", false},
		{"Hardware name: QEMU\n", false},
		{"PGD 3c415067 P4D 3c41\nOops: 0003 [#1] SMP\n", true},
		{"---[ end trace 0000000000000000 ]---\n", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log log;

		cr_assert_eq(log_read(&log, rows[i].text, strlen(rows[i].text)), 0);
		cr_expect_eq(log.lines[0].is_whole, rows[i].is_whole, "%s", rows[i].text);
		log_free(&log);
	}
}

/* Reading is linear: half a megabyte of what would take a quadratic reader hours. */
Test(oops_log, hostile_shapes_end, .timeout = 100)
{
	static const struct {
		const char *head, *unit;
	} shapes[] = {
		{"", "a"},
		{"", "["},
		{"", "<"},
		{"", "&"},
		{"", "="},
		{"", "> "},
		{"", "Mon "},
		{"", "1:"},
		{"", "=3D=\n"},
		{"", "Oops: "},
		{"", "[    1.000000] x "},
		{"", "[#1](https://a/1"},
		{"", "https://"},
		{"", "{\"MESSAGE\":\""},
		{"", "BUG: unable to handle page fault for address: ffffffff81000000\n"},
		{"", "Oops: 0002 [#1] SMP\n"},
		{"", "Panic#1 Part1\na\n"},
		{"", "[    1.000000][  T1] Oops: 0002 [#1]\n[    1.000000][  T2] x\n"},
		{"",
		 "RAX: 0000000000000000\nRSP: 0018:ffff000000000000 EFLAGS: 00010046\n"},
		{"Oops: 0002 [#1]\n", "RAX: 0000000000000000 "},
		{"Oops: 0002 [#1]\nCode: ", "00 "},
		{"Oops: 0002 [#1]\nRIP: 0010:", "f"},
		{"Oops: 0002 [#1]\nCall Trace:\n f (a.c:1", ") "},
		{"Oops: 0002 [#1]\nCall Trace:\n", " f+0x1/0x2\n"},
		{"Modules linked in: ", "aaa(OE) "},
		{"Modules linked in: a\n", "aaaa bbbb\n"},
		{"Code:", " 00 00\n"},
	};
	enum { BYTES = 1 << 19 };
	char *text = malloc(BYTES);

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		size_t head = strlen(shapes[i].head), unit = strlen(shapes[i].unit);
		struct crashes crashes;
		struct log log;

		memcpy(text, shapes[i].head, head);
		for (size_t j = head; j < BYTES; j++)
			text[j] = shapes[i].unit[(j - head) % unit];
		cr_assert_eq(log_read(&log, text, BYTES), 0);
		cr_assert_eq(crashes_find(&crashes, &log), 0);
		cr_expect_leq(crashes.nr, CRASH_MAX);
		crashes_free(&crashes);
		log_free(&log);
	}
	free(text);
}

/* Changelogs leave the time out and keep its brackets. */
Test(oops_log, a_time_left_out)
{
	static const char text[] = "[ ] general protection fault: 0000 [#1] SMP\n"
				   "[]  f+0x1/0x2 [mine]\n";
	struct log log;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	cr_assert_eq(log.nr, 2);
	cr_expect_str_eq(log.lines[0].text, "general protection fault: 0000 [#1] SMP");
	cr_expect_str_eq(log.lines[1].text, "f+0x1/0x2 [mine]");
	cr_expect_not(log.lines[0].has_time);
	log_free(&log);
}

/* An empty entry must not take the next line's number for its value. */
Test(oops_log, a_listing_has_numbers)
{
	static const char text[] = "48 hours of waiting:\n"
				   "> 247 [ 1425.681532] PGD 0\n"
				   "> 248 [ 1425.681533] Oops: 0002 [#1] SMP\n"
				   "> 249 Code: 48 89 0a\n"
				   "48 89 0a\n"
				   "> 300 [ 1425.681535] CS:  0010\n"
				   "> 301 [ 1425.681536] a\n";
	struct log log;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	for (size_t i = 0; i < log.nr; i++)
		cr_expect_not(strncmp(log.lines[i].text, "247", 3) == 0 ||
				      strstr(log.lines[i].text, "PGD 024") ||
				      strstr(log.lines[i].text, "300") ||
				      strstr(log.lines[i].text, "301"),
			      "%s", log.lines[i].text);
	cr_expect_str_eq(log.lines[1].text, "PGD 0");
	log_free(&log);
}

/* A facility behind which nothing of a level comes is no facility. */
Test(oops_log, blanks_behind_a_facility)
{
	static const char text[] = "kern                                : ";
	struct log log;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	cr_assert_eq(log.nr, 1);
	cr_expect(strncmp(log.lines[0].text, "kern ", 5) == 0);
	log_free(&log);
}
