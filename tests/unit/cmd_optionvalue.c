/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/optionvalue.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct error err;

Test(cmd_optionvalue, one_of_several_words)
{
	static const char *const words[OPTIONVALUE_MAX_WORDS] = {[1] = "ro", [3] = "rw"};
	unsigned chosen = 0;

	cr_expect_eq(optionvalue_choose("expect", "rw", words, &chosen, &err), 0);
	cr_expect_eq(chosen, 3);
	cr_expect_eq(optionvalue_choose("expect", "ro", words, &chosen, &err), 0);
	cr_expect_eq(chosen, 1);
	cr_expect_eq(optionvalue_choose("expect", "r", words, &chosen, &err), -EINVAL);
	cr_expect_eq(chosen, 1);
	cr_expect_str_eq(err.message, "--expect=r: not one of ro, rw");
	cr_expect_eq(err.code, ERROR_USAGE);
}

Test(cmd_optionvalue, some_of_several_words)
{
	static const char *const words[OPTIONVALUE_MAX_WORDS] = {
		"would-fault", "bypass", [4] = "refused"};
	static const char *const wrong[] = {
		"",	 ",", "bypass,", ",bypass", "bypass,,refused", "bypass refused",
		"Bypass"};
	unsigned bits = 0;

	cr_expect_eq(optionvalue_some("fail-on", "refused,bypass", words, &bits, &err),
		     0);
	cr_expect_eq(bits, 1U << 1 | 1U << 4);
	cr_expect_eq(optionvalue_some("fail-on", "bypass,bypass", words, &bits, &err), 0);
	cr_expect_eq(bits, 1U << 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(optionvalue_some("fail-on", wrong[i], words, &bits, &err),
			     -EINVAL, "%s", wrong[i]);
	cr_expect_eq(bits, 1U << 1);
	err = (struct error){0};
	optionvalue_some("fail-on", "bypass,would-falt", words, &bits, &err);
	cr_expect_str_eq(err.message,
			 "--fail-on=bypass,would-falt: 'would-falt' is none of "
			 "would-fault, bypass, refused; did you mean would-fault");
	cr_expect_eq(err.code, ERROR_USAGE);
}

Test(cmd_optionvalue, numbers)
{
	static const struct {
		const char *value;
		bool is_hex;
		int r;
		uint64_t number;
	} cases[] = {
		{"1", false, 0, 1},
		{"100", false, 0, 100},
		{"0", false, -EINVAL, 0},
		{"101", false, -EINVAL, 0},
		{"-1", false, -EINVAL, 0},
		{"+1", false, -EINVAL, 0},
		{" 1", false, -EINVAL, 0},
		{"1x", false, -EINVAL, 0},
		{"", false, -EINVAL, 0},
		{"0x10", false, -EINVAL, 0},
		{"0x10", true, 0, 16},
		{"10", true, -EINVAL, 0},
		{"0x", true, -EINVAL, 0},
		{"0x-1", true, -EINVAL, 0},
		{"0x10000000000000000", true, -EINVAL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t number = 0;

		cr_expect_eq(optionvalue_number("n", cases[i].value, cases[i].is_hex, 1,
						100, &number, &err),
			     cases[i].r, "%s", cases[i].value);
		if (cases[i].r == 0)
			cr_expect_eq(number, cases[i].number, "%s", cases[i].value);
	}
}

Test(cmd_optionvalue, limits)
{
	static const char *const wrong[] = {"pages",	   "pages=",	      "pages=0",
					    "pages=1,x=2", "pages=1;depth=2", "pages=-1",
					    "pages=1e3"};
	struct machine_limits limits = {1, 2, 3, 4};
	char endless[400];

	cr_expect_eq(optionvalue_limits("depth=9,instructions=5", &limits, &err), 0);
	cr_expect_eq(limits.instructions, 5);
	cr_expect_eq(limits.milliseconds, 2);
	cr_expect_eq(limits.pages, 3);
	cr_expect_eq(limits.depth, 9);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(optionvalue_limits(wrong[i], &limits, &err), -EINVAL, "%s",
			     wrong[i]);
	memset(endless, '1', sizeof(endless));
	memcpy(endless, "pages=", 6);
	endless[sizeof(endless) - 1] = '\0';
	cr_expect_eq(optionvalue_limits(endless, &limits, &err), -EINVAL);
	cr_expect_eq(limits.pages, 3);
}
