/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/nearest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char *guess(const char *name)
{
	static const char *const candidates[] = {"debug", "debug",  "arm",
						 "depth", "debugs", "mode"};
	static char text[NEAREST_GUESS_BYTES];
	struct nearest nearest = {.name = name};

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
		nearest_offer(&nearest, candidates[i]);
	nearest_guess(&nearest, text);
	return text;
}

Test(kcore_nearest, nearest_first_and_each_once)
{
	cr_expect_str_eq(guess("debugg"), "; did you mean debug, debugs");
	cr_expect_str_eq(guess("armm"), "; did you mean arm");
}

Test(kcore_nearest, another_word_is_no_guess)
{
	cr_expect_str_eq(guess("zzzzzzzz"), "");
	cr_expect_str_eq(guess(""), "");
}

Test(kcore_nearest, names_of_any_length)
{
	static char many[4096], longer[4096];
	struct nearest nearest = {.name = many};
	char text[NEAREST_GUESS_BYTES];

	memset(many, 'a', 2000);
	memset(longer, 'a', 2001);
	nearest_offer(&nearest, longer);
	cr_expect_eq(nearest.nr, 0);
	memset(many + 500, 0, 1500);
	memset(longer + 500, 0, 1501);
	for (char c = 'a'; c < 'd'; c++) {
		char *candidate = strdup(longer);

		candidate[0] = c;
		nearest_offer(&nearest, candidate);
	}
	cr_expect_eq(nearest.nr, NEAREST_MAX);
	nearest_guess(&nearest, text);
	cr_expect_lt(strlen(text), sizeof(text) - 1);
	for (size_t i = 0; i < nearest.nr; i++)
		free((char *)nearest.found[i]);
}

Test(kcore_nearest, in_either_case)
{
	cr_expect_str_eq(guess("ARM"), "; did you mean arm");
}

/* The commonest slip of the fingers is one mistake, not two. */
Test(kcore_nearest, neighbours_that_are_swapped)
{
	cr_expect_str_eq(guess("amr"), "; did you mean arm");
	cr_expect_str_eq(guess("edbug"), "; did you mean debug, debugs");
	cr_expect_str_eq(guess("dpeht"), "; did you mean depth");
}
