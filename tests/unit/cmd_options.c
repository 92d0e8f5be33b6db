/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { MAX_WORDS = 16 };

/* Splits @line at blanks: static storage, one call at a time. */
static int parse(const char *line, struct options *options, struct error *err)
{
	static char copy[256], *words[MAX_WORDS + 1];
	int nr = 0;

	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[nr++] = word;
	words[nr] = NULL;
	*err = (struct error){0};
	return options_parse(options, nr, words, err);
}

static void expect(const char *line, const char *verb, const char *operands)
{
	struct options options;
	struct error err;
	char joined[256] = "";

	cr_assert_eq(parse(line, &options, &err), 0, "%s: %s", line, err.message);
	cr_expect_str_eq(options.verb->name, verb, "%s", line);
	for (size_t i = 0; i < options.nr_operands; i++) {
		strcat(joined, i ? " " : "");
		strcat(joined, options.operands[i]);
	}
	cr_expect_str_eq(joined, operands, "%s", line);
}

Test(cmd_options, a_bare_word_is_a_target)
{
	expect("kwcheck apparmor_hooks", "check", "apparmor_hooks");
	expect("kwcheck -q a b", "check", "a b");
	expect("kwcheck a -q b", "check", "a b");
	expect("kwcheck check a", "check", "a");
	expect("kwcheck walk a", "walk", "a");
	expect("kwcheck -v walk a", "walk", "a");
	expect("kwcheck walk -v a", "walk", "a");
	expect("kwcheck a walk", "check", "a walk");
	expect("kwcheck -- walk", "check", "walk");
	expect("kwcheck check walk", "check", "walk");
	expect("kwcheck check -- -x", "check", "-x");
	expect("kwcheck -", "check", "-");
	expect("kwcheck --sysroot=/x walk a", "walk", "a");
}

Test(cmd_options, values)
{
	struct options options;
	struct error err;

	cr_assert_eq(parse("kwcheck -Jqv --expect=ro --color=never --sysroot /x a",
			   &options, &err),
		     0);
	cr_expect(options.json && options.quiet && options.verbose);
	cr_expect_eq(options.expect, EXPECT_RO);
	cr_expect_eq(options.color, COLOR_NEVER);
	cr_expect_str_eq(options.sysroot, "/x");
	cr_assert_eq(parse("kwcheck --color a", &options, &err), 0);
	cr_expect_eq(options.color, COLOR_ALWAYS);
	cr_assert_eq(parse("kwcheck --help", &options, &err), 0);
	cr_expect(options.help && !options.has_verb);
	cr_assert_eq(parse("kwcheck walk --help", &options, &err), 0);
	cr_expect(options.help && options.has_verb);
}

static void expect_usage(const char *line, const char *part)
{
	struct options options;
	struct error err;

	cr_expect_eq(parse(line, &options, &err), -EINVAL, "%s", line);
	cr_expect_eq(err.code, ERROR_USAGE, "%s", line);
	cr_expect_not_null(strstr(err.message, part), "%s: %s", line, err.message);
}

Test(cmd_options, usage_errors)
{
	expect_usage("kwcheck", "nothing to check");
	expect_usage("kwcheck walk", "nothing to walk");
	expect_usage("kwcheck -x a", "-x");
	expect_usage("kwcheck --frobnicate a", "--frobnicate");
	expect_usage("kwcheck --expect=maybe a", "maybe");
	expect_usage("kwcheck --expect", "--expect");
	expect_usage("kwcheck walk --expect=ro a", "does not go with walk");
	expect_usage("kwcheck --expect=ro walk a", "does not go with walk");
	expect_usage("kwcheck --color=blue a", "blue");
}

Test(cmd_options, json_is_known_even_in_failure)
{
	struct options options;
	struct error err;

	parse("kwcheck --frobnicate --json a", &options, &err);
	cr_expect(options.json);
}
