/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/scan.h"

#include <criterion/criterion.h>
#include <string.h>

Test(oops_scan, full_width_only)
{
	const char *p = "ffffffffaa6f0210 ", *start = p;
	uint64_t value = 0;
	unsigned number;

	cr_expect(scan_hex(&p, 16, 16, &value));
	cr_expect_eq(value, 0xffffffffaa6f0210);
	cr_expect_eq(p, start + 16);
	p = "ffffffffaa6f021";
	cr_expect_not(scan_hex(&p, 16, 16, &value));
	cr_expect_eq(*p, 'f');
	p = "ffffffffaa6f02101";
	cr_expect_not(scan_hex(&p, 16, 16, &value));
	p = "AbC";
	cr_expect(scan_hex(&p, 1, 16, &value));
	cr_expect_eq(value, 0xabc);
	p = "";
	cr_expect_not(scan_hex(&p, 1, 16, &value));
	p = "999999999";
	cr_expect(scan_decimal(&p, &number));
	cr_expect_eq(number, 999999999);
	p = "9999999999";
	cr_expect_not(scan_decimal(&p, &number));
}

Test(oops_scan, words_and_text)
{
	const char *p = "one two";
	char text[4];

	cr_expect_not(scan_word(&p, "two"));
	cr_expect(scan_word(&p, "one "));
	cr_expect_not(scan_past(&p, "one"));
	cr_expect(scan_past(&p, "t"));
	cr_expect_str_eq(p, "wo");
	p = "abcdef;g";
	scan_text(&p, ";", text, sizeof(text));
	cr_expect_str_eq(text, "abc");
	cr_expect_str_eq(p, ";g");
}
