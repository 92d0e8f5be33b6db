/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: a verb, options, operands. */
#include "cmd/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/optioncheck.h"
#include "cmd/optionrows.h"
#include "cmd/optionvalue.h"
#include "guest/vm.h"
#include "kcore/nearest.h"

static int add_file(const struct option_row *row, const char **first,
		    struct option_list *more, const char *value, struct error *err)
{
	if (!*first) {
		*first = value;
		return 0;
	}
	if (more->nr == sizeof(more->words) / sizeof(more->words[0]))
		return error_set(err, ERROR_USAGE, -E2BIG,
				 "--%s: given more than %zu times; see 'kwcheck --help'",
				 row->name, more->nr + 1);
	more->words[more->nr++] = value;
	return 0;
}

/* Fills the field of @row. @value: NULL where the option has no argument. */
static int apply(struct options *options, const struct option_row *row, const char *value,
		 struct error *err)
{
	void *field = (char *)options + row->offset;
	struct option_number *number = field;

	value = value ? value : row->fallback;
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_FILES:
		return add_file(row, field,
				(struct option_list *)((char *)options + row->more),
				value, err);
	case OPTION_DECIMAL:
	case OPTION_HEX:
	case OPTION_NUMBER:
		number->is_given = true;
		return optionvalue_number(row->name, value,
					  row->kind == OPTION_HEX ||
						  (row->kind == OPTION_NUMBER &&
						   strncmp(value, "0x", 2) == 0),
					  row->min, row->max, &number->value, err);
	case OPTION_CHOICE:
		return optionvalue_choose(row->name, value, row->words, field, err);
	case OPTION_SOME:
		return optionvalue_some(row->name, value, row->words, field, err);
	case OPTION_LIMITS:
		return optionvalue_limits(value, field, err);
	}
	return -EINVAL;
}

/* What getopt_long() returns: KEY_OPERAND for a word that is no option, a letter, or
 * KEY_LONG and the number of the row of a long option.
 */
enum { KEY_OPERAND = 1, KEY_LONG = 256 };

struct parser {
	struct option longs[OPTIONROWS_MAX + 1];
	/* "-": operands come in their order among the options, whatever POSIXLY_CORRECT
	 * says. ":": a missing argument is told from an unknown option.
	 */
	char letters[2 + 3 * OPTIONROWS_MAX + 1];
	bool is_given[OPTIONROWS_MAX];
	const struct option_row *last; /* NULL: none yet */
	const char *taken; /* the last word that is an option's argument; NULL: none */
	bool is_help, is_version; /* by the word, not the option */
};

static void make_parser(struct parser *ret)
{
	size_t nr = 0;

	*ret = (struct parser){0};
	ret->letters[nr++] = '-';
	ret->letters[nr++] = ':';
	for (size_t i = 0; i < nr_option_rows; i++) {
		ret->longs[i] = (struct option){
			.name = option_rows[i].name,
			.val = KEY_LONG + (int)i,
			.has_arg = option_rows[i].kind == OPTION_FLAG ? no_argument
				   : option_rows[i].fallback	      ? optional_argument
								      : required_argument,
		};
		if (!option_rows[i].letter)
			continue;
		ret->letters[nr++] = option_rows[i].letter;
		if (option_rows[i].kind != OPTION_FLAG)
			ret->letters[nr++] = ':';
	}
}

/* The row that @key of getopt_long() stands for; NULL: none. */
static const struct option_row *row_of(int key)
{
	if (key >= KEY_LONG)
		return &option_rows[key - KEY_LONG];
	for (size_t i = 0; i < nr_option_rows; i++)
		if (option_rows[i].letter && option_rows[i].letter == key)
			return &option_rows[i];
	return NULL;
}

/* "; did you mean --json", or a verb, or "": what @given, without its dashes, is near to.
 * A word of one dash was more than letters where it is near to a name.
 */
static void guess_option(const char *given, char *guess, size_t room)
{
	enum { FAR = 2, LEAST_PART = 4 };
	struct nearest nearest = {.name = given};
	const struct verb *verb = verb_find(given);

	*guess = '\0';
	for (size_t i = 0; i < nr_option_rows; i++)
		nearest_offer(&nearest, option_rows[i].name);
	if (verb)
		snprintf(guess, room, "; did you mean 'kwcheck %s'", verb->name);
	else if (nearest.nr && nearest.distances[0] <= FAR)
		snprintf(guess, room, "; did you mean --%s", nearest.found[0]);
	for (size_t i = 0; i < nr_option_rows && !*guess && strlen(given) >= LEAST_PART;
	     i++)
		if (strstr(option_rows[i].name, given))
			snprintf(guess, room, "; did you mean --%s", option_rows[i].name);
}

/* A long option that getopt_long() does not know: the start of no name, or of several. */
static int refuse_long(const char *word, struct error *err)
{
	size_t bytes = strcspn(word + 2, "="), used = 0, nr = 0;
	char names[256] = "", given[64] = "", guess[64] = "";

	for (size_t i = 0; i < nr_option_rows && bytes; i++) {
		if (strncmp(option_rows[i].name, word + 2, bytes) != 0)
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s",
					 nr++ ? ", " : "", option_rows[i].name);
	}
	if (nr > 1)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: ambiguous, the start of %s; see 'kwcheck "
				 "--help'",
				 word, names);
	snprintf(given, sizeof(given), "%.*s", (int)bytes, word + 2);
	guess_option(given, guess, sizeof(guess));
	return error_set(err, ERROR_USAGE, -EINVAL,
			 "%.100s: unknown option%s; see 'kwcheck --help'", word, guess);
}

/* Says what getopt_long() refused with '?' or, for a missing argument, with ':'. It set
 * optopt: 0 where it knows no such long option. @words: the one it looked at last, and
 * before it the one that it is done with, where it is. Returns -EINVAL.
 */
static int refuse(const struct parser *parser, int key, char *const words[2],
		  struct error *err)
{
	/* "-v=1" is taken for the letters v, = and 1. */
	const struct option_row *row = optopt == '=' ? parser->last : row_of(optopt);
	char argument[64], guess[64] = "";

	if (row && key == ':') {
		optionrows_describe(row, argument, sizeof(argument));
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--%s: needs an argument, --%s=%s; see 'kwcheck --help'",
				 row->name, row->name, argument);
	}
	if (row)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--%s: takes no argument; see 'kwcheck --help'",
				 row->name);
	/* "-json" is letters, of which the first is none of an option. */
	for (int i = 0; i < 2 && optopt && !*guess; i++)
		if (words[i] && words[i][0] == '-' && words[i][1] != '-' &&
		    strchr(words[i], optopt) && strlen(words[i]) > 3)
			guess_option(words[i] + 1, guess, sizeof(guess));
	if (optopt)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "-%c: unknown option%s; see 'kwcheck --help'", optopt,
				 guess);
	return refuse_long(words[0], err);
}

/* Is @word an option itself? A file of such a name is given as --core=-v. */
static bool is_option(const char *word)
{
	size_t bytes = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;

	for (size_t i = 0; i < nr_option_rows; i++) {
		if (bytes && strlen(option_rows[i].name) == bytes &&
		    strncmp(option_rows[i].name, word + 2, bytes) == 0)
			return true;
		if (option_rows[i].letter && word[0] == '-' &&
		    word[1] == option_rows[i].letter && word[2] == '\0')
			return true;
	}
	return false;
}

/* Refuses an argument that nobody can have meant: the next option, which stands where the
 * argument was forgotten, or nothing, as of a shell's variable that is empty.
 */
static int check_argument(const struct option_row *row, const char *value,
			  bool is_own_word, struct error *err)
{
	char argument[64];

	if (!value)
		return 0;
	optionrows_describe(row, argument, sizeof(argument));
	if (is_own_word && is_option(value))
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--%s: needs an argument, --%s=%s; '%.100s' behind it is "
			"an option",
			row->name, row->name, argument, value);
	if (*value == '\0' && !row->fallback && !row->takes_empty)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--%s=: give --%s=%s; its argument is empty", row->name,
				 row->name, argument);
	if (strcmp(value, "-") == 0 && row->argument &&
	    strcmp(row->argument, "FILE") == 0)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--%s=-: it takes a file, not standard input or output; "
				 "a file of that name is ./-",
				 row->name);
	return 0;
}

/* Takes a word that is no option: the verb, or an operand. Only the first such word can
 * be the verb, or help or version; behind help stands a verb. Operands gather at the
 * start of @argv, behind its first word: no word that getopt_long() has yet to see stands
 * there.
 */
static void take_operand(struct parser *parser, struct options *options, char **argv,
			 char *word, bool may_be_verb)
{
	bool is_first = may_be_verb && !options->has_verb && !parser->is_version &&
			options->nr_operands == 0;
	const struct verb *verb = is_first ? verb_find(word) : NULL;

	if (verb) {
		options->verb = verb;
		options->has_verb = true;
	} else if (is_first && strcmp(word, "help") == 0) {
		parser->is_help = options->help = true;
	} else if (is_first && parser->is_help && strcmp(word, "version") == 0) {
		; /* The tool's help tells of it. */
	} else if (is_first && !parser->is_help && strcmp(word, "version") == 0) {
		parser->is_version = options->version = true;
	} else {
		argv[1 + options->nr_operands++] = word;
	}
}

static int parse_words(struct parser *parser, struct options *options, int argc,
		       char **argv, struct error *err)
{
	int key, r = 0;

	optind = 0; /* GNU: start over */
	opterr = 0;
	while ((key = getopt_long(argc, argv, parser->letters, parser->longs, NULL)) !=
	       -1) {
		const struct option_row *row;

		if (key == KEY_OPERAND) {
			take_operand(parser, options, argv, optarg, true);
		} else if (key == '?' || key == ':') {
			/* A later --json still decides how the error is told. */
			r = refuse(parser, key, argv + optind - 1, err);
		} else {
			parser->last = row = row_of(key);
			parser->is_given[row - option_rows] = true;
			if (optarg && optarg == argv[optind - 1])
				parser->taken = optarg;
			if (check_argument(row, optarg, optarg == argv[optind - 1], err) <
				    0 ||
			    apply(options, row, optarg, err) < 0)
				r = -EINVAL;
		}
	}
	/* What stands behind "--" is an operand. */
	for (int i = optind; i < argc; i++)
		take_operand(parser, options, argv, argv[i], false);
	return r;
}

/* "kwcheck help WORD" of a word that is no verb, or of more than one. */
static int refuse_help(const struct options *options, struct error *err)
{
	const char *word = options->operands[0];
	const struct verb *guess = verb_guess(word);
	char names[128] = "";
	size_t used = 0;

	if (options->has_verb)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: 'kwcheck help %s' tells of one verb", word,
				 options->verb->name);
	for (size_t i = 0; i < nr_verbs; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 i ? ", " : "", verbs[i].name);
	return error_set(err, ERROR_USAGE, -EINVAL, "%.100s: no verb%s%s; there are %s",
			 word, guess ? "; did you mean " : "", guess ? guess->name : "",
			 names);
}

/* Behind "help" stands one verb, behind "version" nothing. */
static int check_word(const struct parser *parser, const struct options *options,
		      struct error *err)
{
	if (parser->is_help && options->nr_operands)
		return refuse_help(options, err);
	if (parser->is_version && options->nr_operands)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: 'kwcheck version' takes no operands",
				 options->operands[0]);
	return 0;
}

/* --cpu and --memory mean one thing to a verb, and another to a virtual machine. */
static int take_words(struct options *options, struct error *err)
{
	const char *cpu = options->cpu_word, *memory = options->memory_word;
	bool is_of_targets = options->verb->bit & VERBS_OF_TARGETS;
	bool boots = options->kernel || options->verb->bit == VERB_DIFF;

	options->vm_mib = VM_DEFAULT_MIB;
	if (cpu && is_of_targets && (isdigit((unsigned char)*cpu) || !options->kernel)) {
		options->cpu.is_given = true;
		if (optionvalue_number("cpu", cpu, false, 0, UINT32_MAX,
				       &options->cpu.value, err) < 0)
			return -EINVAL;
	} else if (cpu && !boots) {
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--cpu does not go with %s without --kernel; see 'kwcheck "
			"%s --help'",
			options->verb->name, options->verb->name);
	} else if (cpu && strlen(cpu) >= VM_CPU_BYTES) {
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--cpu=%.80s: no CPU model of QEMU's: see "
				 "'qemu-system-x86_64 -cpu help'",
				 cpu);
	} else if (cpu) {
		options->vm_cpu = cpu;
	}
	if (memory && !*memory && options->verb->bit == VERB_CAPTURE && options->small)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--small and --memory exclude each other");
	if (memory && !*memory && options->verb->bit == VERB_CAPTURE)
		options->memory = true;
	else if (memory && !boots)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			*memory ? "--memory=SIZE is of the virtual machine, which "
				  "--kernel boots; see 'kwcheck %s --help'"
				: "--memory does not go with %s; see 'kwcheck "
				  "--help'",
			options->verb->name);
	else if (memory && vm_parse_memory(memory, &options->vm_mib) < 0)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--memory=%.40s: not a size from %dM to %dM, as 512M or "
				 "1G is",
				 memory, VM_MIN_MIB, VM_MAX_MIB);
	return 0;
}

int options_parse(struct options *ret, int argc, char **argv, struct error *err)
{
	struct parser parser;
	int r;

	make_parser(&parser);
	*ret = (struct options){.sysroot = "",
				.verb = verb_find("check"),
				.find_verb = verb_find,
				.limits = limits_default,
				.operands = argv + 1};
	r = parse_words(&parser, ret, argc, argv, err);
	if (!ret->has_verb && ret->nr_operands)
		ret->meant = verb_guess(ret->operands[0]);
	if (r == 0)
		r = check_word(&parser, ret, err);
	if (r == 0)
		r = optioncheck_together(ret, parser.is_given, parser.taken, err);
	if (r == 0)
		r = take_words(ret, err);
	return r < 0 ? r : optioncheck_no_boot(ret, err);
}
