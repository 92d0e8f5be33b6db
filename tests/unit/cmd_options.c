/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

	cr_assert_eq(parse("kwcheck -Jv --expect=ro --color=never --sysroot /x a",
			   &options, &err),
		     0);
	cr_expect(options.json && options.verbose && !options.quiet);
	cr_assert_eq(parse("kwcheck -qv a", &options, &err), 0);
	cr_expect(options.quiet && options.verbose);
	parse("kwcheck -Jv --expect=ro --color=never --sysroot /x a", &options, &err);
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

/* An option is the same before the verb, among the operands and behind them. */
Test(cmd_options, options_stand_anywhere)
{
	static const char *const lines[] = {
		"kwcheck --nth=2 oops -", "kwcheck --nth 2 oops -",
		"kwcheck oops --nth=2 -", "kwcheck oops - --nth=2",
		"kwcheck oops - --nth 2", "kwcheck oops --nth 2 -- -",
		"kwcheck oops --nt=2 -",
	};
	struct options options;
	struct error err;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		expect(lines[i], "oops", "-");
		parse(lines[i], &options, &err);
		cr_expect_eq(options.nth.value, 2, "%s", lines[i]);
	}
	/* Another's wish for scripts changes nothing. */
	setenv("POSIXLY_CORRECT", "1", 1);
	expect("kwcheck a -q b -v", "check", "a b");
	expect("kwcheck walk a --pid 1", "walk", "a");
	expect("kwcheck preflight m.ko p=1 --exit n.ko", "preflight", "m.ko p=1 n.ko");
	unsetenv("POSIXLY_CORRECT");
}

/* "--" ends the options; what stands behind it is an operand, and never a verb. An
 * option's argument is no "--", no verb and no operand.
 */
Test(cmd_options, the_end_of_options)
{
	struct options options;
	struct error err;

	expect("kwcheck -- audit", "check", "audit");
	expect("kwcheck -v -- audit", "check", "audit");
	expect("kwcheck -- audit -v", "check", "audit -v");
	expect("kwcheck -- -- a", "check", "-- a");
	expect("kwcheck a -- audit", "check", "a audit");
	expect("kwcheck a -- b -- c", "check", "a b -- c");
	expect("kwcheck audit --", "audit", "");
	expect("kwcheck oops -- -", "oops", "-");
	expect("kwcheck walk walk", "walk", "walk");
	expect("kwcheck --core -- audit", "audit", "");
	expect("kwcheck --core audit map", "map", "");
	parse("kwcheck --core audit map", &options, &err);
	cr_expect_str_eq(options.core, "audit");
	parse("kwcheck --core -- audit", &options, &err);
	cr_expect_str_eq(options.core, "--");
	parse("kwcheck --core --jsonx a", &options, &err);
	cr_expect_str_eq(options.core, "--jsonx");
	parse("kwcheck -- --json", &options, &err);
	cr_expect_not(options.json);
}

/* A letter's argument stands behind it, or is the next word. */
Test(cmd_options, letters_with_an_argument)
{
	static const char *const lines[] = {
		"kwcheck preflight -S 6.1 -m /x a",
		"kwcheck preflight -S6.1 -m/x a",
		"kwcheck -vS 6.1 preflight a --moddir=/x",
		"kwcheck preflight --set-version 6.1 a -m /x",
	};
	struct options options;
	struct error err;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		expect(lines[i], "preflight", "a");
		parse(lines[i], &options, &err);
		cr_expect_str_eq(options.set_version, "6.1", "%s", lines[i]);
		cr_expect_str_eq(options.moddir, "/x", "%s", lines[i]);
	}
	cr_expect_eq(parse("kwcheck preflight a -S", &options, &err), -EINVAL);
	cr_expect_not_null(strstr(err.message, "--set-version=RELEASE"), "%s",
			   err.message);
	cr_expect_eq(parse("kwcheck walk -m /x a", &options, &err), -EINVAL);
}

/* An argument that may be left out is only ever the one behind "=". */
Test(cmd_options, optional_argument)
{
	struct options options;
	struct error err;

	expect("kwcheck --color never", "check", "never");
	expect("kwcheck --color walk a", "walk", "a");
	parse("kwcheck --color walk a", &options, &err);
	cr_expect_eq(options.color, COLOR_ALWAYS);
	parse("kwcheck --col=auto a", &options, &err);
	cr_expect_eq(options.color, COLOR_AUTO);
}

Test(cmd_options, abbreviations)
{
	struct options options;
	struct error err;

	expect("kwcheck --verb --exp=rw a", "check", "a");
	parse("kwcheck --verb --exp=rw --sym memory a", &options, &err);
	cr_expect(options.verbose);
	cr_expect_eq(options.expect, EXPECT_RW);
	cr_expect_eq(options.symbols, SOURCE_SYMBOLS_MEMORY);
	/* A whole name is no abbreviation of a longer one. */
	expect("kwcheck --json a", "check", "a");
	expect("kwcheck map --user", "map", "");
	expect("kwcheck --root=0x1000 a", "check", "a");
}

Test(cmd_options, each_flag_has_its_field)
{
	static const struct {
		const char *line;
		size_t offset;
	} cases[] = {
		{"-J a", offsetof(struct options, json)},
		{"--json a", offsetof(struct options, json)},
		{"-q a", offsetof(struct options, quiet)},
		{"-v a", offsetof(struct options, verbose)},
		{"-h", offsetof(struct options, help)},
		{"-V", offsetof(struct options, version)},
		{"--no-aliases a", offsetof(struct options, no_aliases)},
		{"--user-root a", offsetof(struct options, user_root)},
		{"--no-modprobe preflight a", offsetof(struct options, no_modprobe)},
		{"--no-btf a", offsetof(struct options, no_btf)},
		{"--no-sandbox a", offsetof(struct options, no_sandbox)},
		{"capture --small a", offsetof(struct options, small)},
		{"capture --text a", offsetof(struct options, text)},
		{"capture --memory a", offsetof(struct options, memory)},
		{"map --writable", offsetof(struct options, writable)},
		{"map --executable", offsetof(struct options, executable)},
		{"map --wx", offsetof(struct options, wx)},
		{"map --user", offsetof(struct options, user)},
		{"map --json-lines", offsetof(struct options, json_lines)},
		{"audit --nrpe", offsetof(struct options, nrpe)},
		{"preflight --sarif a", offsetof(struct options, sarif)},
		{"preflight --no-dry-run a", offsetof(struct options, no_dry_run)},
		{"preflight --exit a", offsetof(struct options, run_exit)},
		{"preflight --trace a", offsetof(struct options, trace)},
		{"preflight --kernel=x --trial a", offsetof(struct options, trial)},
	};
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[128];
		struct options options;
		unsigned nr_set = 0;

		snprintf(line, sizeof(line), "kwcheck %s", cases[i].line);
		cr_assert_eq(parse(line, &options, &err), 0, "%s: %s", line, err.message);
		for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++)
			nr_set += *(bool *)((char *)&options + cases[j].offset) &&
				  (j == 0 || cases[j].offset != cases[j - 1].offset);
		cr_expect_eq(nr_set, 1, "%s", line);
		cr_expect(*(bool *)((char *)&options + cases[i].offset), "%s", line);
	}
}

Test(cmd_options, each_argument_has_its_field)
{
	static const struct {
		const char *line;
		size_t offset;
	} cases[] = {
		{"--core=x a", offsetof(struct options, core)},
		{"--sysroot=x a", offsetof(struct options, sysroot)},
		{"oops --module=x", offsetof(struct options, module)},
		{"oops --vmlinux=x", offsetof(struct options, vmlinux)},
		{"oops --kallsyms=x", offsetof(struct options, kallsyms)},
		{"audit --baseline=x", offsetof(struct options, baseline)},
		{"audit --image=x", offsetof(struct options, image)},
		{"audit --prometheus=x", offsetof(struct options, prometheus)},
		{"map --region=x", offsetof(struct options, region)},
		{"map --range=x", offsetof(struct options, range)},
		{"map --html=x", offsetof(struct options, html)},
		{"preflight --call=x a", offsetof(struct options, call)},
	};
	struct options options;
	struct error err;
	char line[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "kwcheck %s", cases[i].line);
		cr_assert_eq(parse(line, &options, &err), 0, "%s: %s", line, err.message);
		for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
			const char *text = *(const char **)((char *)&options +
							    cases[j].offset);

			cr_expect_str_eq(text ? text : "", i == j ? "x" : "", "%s", line);
		}
	}
	cr_assert_eq(parse("kwcheck --cpu=3 --pid 7 a", &options, &err), 0);
	cr_expect(options.cpu.is_given && options.cpu.value == 3);
	cr_expect(options.pid.is_given && options.pid.value == 7);
	cr_expect_not(options.root.is_given);
	cr_assert_eq(parse("kwcheck --cpu=0 --root 0x1000 a", &options, &err), 0);
	cr_expect(options.cpu.is_given && options.cpu.value == 0);
	cr_expect(options.root.is_given && options.root.value == 0x1000);
	cr_assert_eq(parse("kwcheck audit --only=findings", &options, &err), 0);
	cr_expect_eq(options.only, ONLY_FINDINGS);
	cr_assert_eq(parse("kwcheck preflight --limit=pages=9 a", &options, &err), 0);
	cr_expect_eq(options.limits.pages, 9);
	cr_expect_gt(options.limits.depth, 0);
}

static void expect_usage(const char *line, const char *part)
{
	struct options options;
	struct error err;

	cr_expect_eq(parse(line, &options, &err), -EINVAL, "%s", line);
	cr_expect_eq(err.code, ERROR_USAGE, "%s", line);
	cr_expect_not_null(strstr(err.message, part), "%s: %s", line, err.message);
}

/* --cpu and --memory mean one thing to a verb, and another to a virtual machine. */
Test(cmd_options, another_kernel)
{
	struct options options;
	struct error err;

	cr_assert_eq(
		parse("kwcheck --kernel=6.1 --cpu=max --memory=1G a", &options, &err), 0,
		"%s", err.message);
	cr_expect_str_eq(options.kernel, "6.1");
	cr_expect_str_eq(options.vm_cpu, "max");
	cr_expect_eq(options.vm_mib, 1024);
	cr_expect_not(options.cpu.is_given);
	cr_expect_not(options.memory);
	cr_assert_eq(parse("kwcheck --kernel ./vmlinuz --cpu=0 a", &options, &err), 0);
	cr_expect_null(options.vm_cpu);
	cr_expect(options.cpu.is_given);
	cr_expect_eq(options.vm_mib, 256);
	cr_assert_eq(parse("kwcheck capture --kernel=6.1 --memory a", &options, &err), 0);
	cr_expect(options.memory);
	cr_expect_eq(options.vm_mib, 256);
	cr_assert_eq(parse("kwcheck preflight --kernel=6.1 --append=nokaslr a", &options,
			   &err),
		     0);
	cr_expect_str_eq(options.append, "nokaslr");
	expect_usage("kwcheck --kernel=6.1 --core=x a", "--kernel and --core exclude");
	expect_usage("kwcheck --kernel=6.1 --sysroot=x a", "--kernel and --sysroot");
	expect_usage("kwcheck --kernel= a", "--kernel=: give");
	expect_usage("kwcheck --kernel=all a", "--kernel=all does not go with check");
	expect_usage("kwcheck preflight --kernel=all --sarif a", "not go with --sarif");
	expect_usage("kwcheck --append=x a", "--append is of a kernel");
	cr_assert_eq(parse("kwcheck --kernel=6.1 --no-boot a", &options, &err), 0);
	cr_expect(options.no_boot);
	expect_usage("kwcheck --no-boot a", "--no-boot is of a kernel that --kernel");
	expect_usage("kwcheck --kernel=6.1 --no-boot --append=x a", "--no-boot boots");
	expect_usage("kwcheck --kernel=6.1 --no-boot --cpu=max a", "--no-boot boots");
	expect_usage("kwcheck walk --kernel=6.1 --no-boot a", "does not go with walk");
	expect_usage("kwcheck preflight --trial a", "--trial loads modules in a virtual");
	expect_usage("kwcheck --memory=1G a", "--memory=SIZE is of the virtual machine");
	expect_usage("kwcheck --memory a", "--memory does not go with check");
	expect_usage("kwcheck capture --memory=1G a", "--memory=SIZE is of");
	expect_usage("kwcheck --kernel=6.1 --memory a", "--memory=: not a size");
	expect_usage("kwcheck --kernel=6.1 --memory=1K a", "--memory=1K: not a size");
	expect_usage("kwcheck --cpu=max a", "--cpu=max: not a number");
	expect_usage("kwcheck audit --cpu=max", "--cpu does not go with audit without");
	expect_usage("kwcheck audit --kernel=6.1 --cpu=", "--cpu=: give --cpu=CPU");
	expect_usage("kwcheck oops --kernel=6.1", "--kernel does not go with oops");
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
	expect_usage("kwcheck --pid=1 --root=0x1000 a", "exclude each other");
	expect_usage("kwcheck --btf=f --no-btf a", "exclude each other");
	expect_usage("kwcheck --cpu=4294967296 a", "--cpu=4294967296: not a number");
	expect_usage("kwcheck --pid=0 a",
		     "--pid=0: not a number it takes, from 1 to 2147483647");
	expect_usage("kwcheck --root=4096 a", "0x and hexadecimal");
	expect_usage("kwcheck oops --nth=0", "--nth=0: not a number it takes");
	expect_usage("kwcheck audit --only=all", "--only=all: not one of findings");
	/* The first mistake is told, not the last. */
	expect_usage("kwcheck --frobnicate --expect=maybe a", "--frobnicate");
}

/* What was probably meant; nothing where nothing is near. */
Test(cmd_options, guesses)
{
	expect_usage("kwcheck -check",
		     "-c: unknown option; did you mean 'kwcheck check'");
	expect_usage("kwcheck --audit", "; did you mean 'kwcheck audit'");
	expect_usage("kwcheck -json a", "-j: unknown option; did you mean --json");
	expect_usage("kwcheck -quiet a", "-u: unknown option; did you mean --quiet");
	expect_usage("kwcheck --JSON a", "; did you mean --json");
	expect_usage("kwcheck --dry-run a", "; did you mean --no-dry-run");
	expect_usage("kwcheck --number=3 a",
		     "--number=3: unknown option; see 'kwcheck --help'");
	expect_usage("kwcheck -Jx a", "-x: unknown option; see");
	expect_usage("kwcheck --core init_task",
		     "no TARGET is given ('init_task' is an option's argument)");
	expect_usage("kwcheck map --html=-", "--html=-: it takes a file");
	expect_usage("kwcheck --core - a", "--core=-: it takes a file");
	expect_usage("kwcheck preflight --limit=depth=x a", "--limit=depth=x: not a");
}

Test(cmd_options, a_length_in_either_base)
{
	struct options options;
	struct error err;

	cr_assert_eq(parse("kwcheck dump --length=0x10 a", &options, &err), 0);
	cr_expect_eq(options.length.value, 16);
	cr_assert_eq(parse("kwcheck dump --length=16 a", &options, &err), 0);
	cr_expect_eq(options.length.value, 16);
	expect_usage("kwcheck dump --length=16k a", "from 1 to 1048576");
	expect_usage("kwcheck --pid=0x10 a", "--pid=0x10: not a number");
}

/* One of them would make nothing of the other. */
Test(cmd_options, options_that_exclude_each_other)
{
	expect_usage("kwcheck capture --small --memory a",
		     "--small and --memory exclude each other");
	expect_usage("kwcheck capture --memory --small a", "--small and --memory");
	expect_usage("kwcheck capture --small --text a", "--small and --text");
	expect_usage("kwcheck -q --json a", "--quiet and --json exclude each other");
	expect_usage("kwcheck map --json --json-lines", "--json and --json-lines");
	expect_usage("kwcheck map --json -o NAME", "--json and --output");
	expect_usage("kwcheck audit --baseline=x -o NAME", "--baseline and --output");
	expect_usage("kwcheck audit --nrpe --hook=x", "--nrpe and --hook");
	expect_usage("kwcheck --list=a --expect=ro", "--list and --expect");
	expect_usage("kwcheck preflight --no-dry-run --trace a",
		     "--no-dry-run and --trace");
	expect_usage("kwcheck preflight --limit=depth=9 --no-dry-run a", "and --limit");
	expect_usage("kwcheck preflight --sarif -o KIND a", "--sarif and --output");
	expect_usage("kwcheck preflight --trace -n a", "--trace and --noheadings");
}

/* --memory is the virtual machine's there: a small capture of it is no contradiction. */
Test(cmd_options, a_small_capture_of_a_large_machine)
{
	struct options options;
	struct error err;

	cr_assert_eq(parse("kwcheck capture --kernel=6.1 --small --memory=1G a", &options,
			   &err),
		     0, "%s", err.message);
	cr_expect(options.small);
	cr_expect_not(options.memory);
}

/* What stands behind an option that lacks its argument is not it. */
Test(cmd_options, arguments_that_nobody_meant)
{
	struct options options;
	struct error err;

	expect_usage("kwcheck --list --core=x",
		     "--list: needs an argument, --list=PATTERN; '--core=x' behind it is "
		     "an option");
	expect_usage("kwcheck --core -v a", "'-v' behind it is an option");
	expect_usage("kwcheck map -o --json", "--output: needs an argument");
	expect_usage("kwcheck --core= a",
		     "--core=: give --core=FILE; its argument is empty");
	expect_usage("kwcheck --sysroot= a", "--sysroot=: give --sysroot=DIR");
	expect_usage("kwcheck map --output=", "--output=: give --output=COLUMN,...");
	cr_assert_eq(parse("kwcheck --core=-v --kallsym oops", &options, &err), -EINVAL);
	cr_assert_eq(parse("kwcheck --core=-v a", &options, &err), 0, "%s", err.message);
	cr_expect_str_eq(options.core, "-v");
	cr_assert_eq(parse("kwcheck --core --x a", &options, &err), 0, "%s", err.message);
	cr_expect_str_eq(options.core, "--x");
	cr_assert_eq(parse("kwcheck --kernel=6.1 --append= a", &options, &err), 0, "%s",
		     err.message);
}

Test(cmd_options, help_and_version_take_few_words)
{
	expect_usage("kwcheck help check walk",
		     "walk: 'kwcheck help check' tells of one");
	expect_usage("kwcheck version x", "x: 'kwcheck version' takes no operands");
	expect_usage("kwcheck version audit",
		     "audit: 'kwcheck version' takes no operands");
}

/* Four mistakes of spelling, four texts. */
Test(cmd_options, refused_options)
{
	expect_usage("kwcheck --frobnicate a",
		     "--frobnicate: unknown option; see 'kwcheck --help'");
	expect_usage("kwcheck --frobnicate=1 a", "--frobnicate=1: unknown option");
	expect_usage("kwcheck --jsonx a", "--jsonx: unknown option");
	expect_usage("kwcheck --=x a", "--=x: unknown option");
	expect_usage("kwcheck -x a", "-x: unknown option; see 'kwcheck --help'");
	expect_usage("kwcheck -Jxv a", "-x: unknown option");
	expect_usage("kwcheck a -: b", "-:: unknown option");
	expect_usage("kwcheck --json=x a",
		     "--json: takes no argument; see 'kwcheck --help'");
	expect_usage("kwcheck --json= a", "--json: takes no argument");
	expect_usage("kwcheck --ver=x a", "--ver=x: ambiguous");
	expect_usage("kwcheck --verb=x a", "--verbose: takes no argument");
	expect_usage("kwcheck -v=1 a", "--verbose: takes no argument");
	expect_usage("kwcheck a --core",
		     "--core: needs an argument, --core=FILE; see 'kwcheck --help'");
	expect_usage("kwcheck a --exp", "--expect: needs an argument, --expect=ro|rw");
	expect_usage("kwcheck --c a",
		     "--c: ambiguous, the start of --cpu, --call, --color, --core; see "
		     "'kwcheck --help'");
	expect_usage("kwcheck --no-=1 a",
		     "--no-=1: ambiguous, the start of --no-aliases, --no-dry-run, "
		     "--no-modprobe, --no-boot, --no-btf, --no-sandbox;");
}

Test(cmd_options, json_is_known_even_in_failure)
{
	struct options options;
	struct error err;

	parse("kwcheck --frobnicate --json a", &options, &err);
	cr_expect(options.json);
}

/* A split dump has several files. */
Test(cmd_options, core_is_given_once_for_each_part)
{
	char *argv[] = {(char *)"kwcheck",  (char *)"--core=a", (char *)"x",
			(char *)"--core=b", (char *)"--core=c", NULL};
	struct options options;
	struct error err = {0};

	cr_assert_eq(options_parse(&options, 5, argv, &err), 0, "%s", err.message);
	cr_expect_str_eq(options.core, "a");
	cr_assert_eq(options.parts.nr, 2);
	cr_expect_str_eq(options.parts.words[0], "b");
	cr_expect_str_eq(options.parts.words[1], "c");
}
