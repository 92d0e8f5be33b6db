/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: verbs, options, operands. */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/optionvalue.h"
#include "cmd/priv.h"
#include "cmd/verbs.h"

const struct verb verbs[] = {
	{.name = "check",
	 .bit = VERB_CHECK,
	 .operands = "TARGET...",
	 .summary = "say whether a write to each target would fault",
	 .run = check_run},
	{.name = "walk",
	 .bit = VERB_WALK,
	 .operands = "TARGET...",
	 .summary = "show the page-table walk of each target, level by level",
	 .run = walk_run},
	{.name = "oops",
	 .bit = VERB_OOPS,
	 .operands = "[FILE|-]",
	 .summary = "explain the crashes of a kernel log (the kernel's own without FILE)",
	 .works_without_kernel = true,
	 .run = oops_run},
	{.name = "capture",
	 .bit = VERB_CAPTURE,
	 .operands = "FILE",
	 .summary = "write page tables, names and data of the kernel to a file",
	 .run = capture_run},
	{.name = "audit",
	 .bit = VERB_AUDIT,
	 .operands = "[GROUP]...",
	 .summary = "say whether what the kernel seals after boot is sealed",
	 .run = audit_run_verb},
	{.name = "map",
	 .bit = VERB_MAP,
	 .operands = "",
	 .summary = "list what the kernel half of the page tables maps, as ranges",
	 .run = map_run},
	{.name = "preflight",
	 .bit = VERB_PREFLIGHT,
	 .operands = "MODULE [NAME=VALUE]... ...",
	 .summary = "say whether a module would write to sealed memory if it were loaded",
	 .needs = PRIV_FORK | PRIV_JIT,
	 .run = preflight_run},
};
const size_t nr_verbs = sizeof(verbs) / sizeof(verbs[0]);

enum { ANY_VERB = ~0, VERBS_OF_TARGETS = VERB_CHECK | VERB_WALK };

/* Keys of options that have no short form. */
enum {
	KEY_EXPECT = 256,
	KEY_CORE,
	KEY_SMALL,
	KEY_TEXT,
	KEY_MEMORY,
	KEY_CPU,
	KEY_PID,
	KEY_ROOT,
	KEY_USER_ROOT,
	KEY_COLOR,
	KEY_SYSROOT,
	KEY_SYMBOLS,
	KEY_NO_BTF,
	KEY_NO_SANDBOX,
	KEY_NO_ALIASES,
	KEY_NTH,
	KEY_MODULE,
	KEY_KALLSYMS,
	KEY_ONLY,
	KEY_BASELINE,
	KEY_PROMETHEUS,
	KEY_WRITABLE,
	KEY_EXECUTABLE,
	KEY_WX,
	KEY_USER,
	KEY_REGION,
	KEY_RANGE,
	KEY_JSON_LINES,
	KEY_HTML,
	KEY_NO_DRY_RUN,
	KEY_EXIT,
	KEY_CALL,
	KEY_TRACE,
	KEY_LIMIT,
};

/* A new option is one row here, one line of the man page and of the completion. */
static const struct {
	const char *name;
	int key;
	const char *argument; /* in brackets: optional */
	unsigned verbs;
	const char *help;
} rows[] = {
	{.name = "json", .key = 'J', .verbs = ANY_VERB, .help = "print one JSON object"},
	{.name = "quiet",
	 .key = 'q',
	 .verbs = ANY_VERB,
	 .help = "answer by exit status only"},
	{.name = "verbose",
	 .key = 'v',
	 .verbs = ANY_VERB,
	 .help = "add the page-table walk and what was tested"},
	{.name = "expect",
	 .key = KEY_EXPECT,
	 .argument = "ro|rw",
	 .verbs = VERB_CHECK,
	 .help = "exit 0 if every byte is so, else 1"},
	{.name = "no-aliases",
	 .key = KEY_NO_ALIASES,
	 .verbs = VERB_CHECK,
	 .help = "do not look for other mappings of a named target"},
	{.name = "cpu",
	 .key = KEY_CPU,
	 .argument = "N",
	 .verbs = VERBS_OF_TARGETS,
	 .help = "answer for CPU N's copy of a per-CPU symbol"},
	{.name = "pid",
	 .key = KEY_PID,
	 .argument = "N",
	 .verbs = VERBS_OF_TARGETS,
	 .help = "walk from the root table of process N"},
	{.name = "root",
	 .key = KEY_ROOT,
	 .argument = "0xPA",
	 .verbs = VERBS_OF_TARGETS,
	 .help = "walk from the root table at this physical address"},
	{.name = "user-root",
	 .key = KEY_USER_ROOT,
	 .verbs = VERBS_OF_TARGETS,
	 .help = "walk from PTI's user-mode copy of the root table"},
	{.name = "nth",
	 .key = KEY_NTH,
	 .argument = "N",
	 .verbs = VERB_OOPS,
	 .help = "explain the N-th crash of the log only"},
	{.name = "module",
	 .key = KEY_MODULE,
	 .argument = "FILE",
	 .verbs = VERB_OOPS,
	 .help = "the .ko file of the module that crashed"},
	{.name = "kallsyms",
	 .key = KEY_KALLSYMS,
	 .argument = "FILE",
	 .verbs = VERB_OOPS,
	 .help = "symbols of the boot that crashed, in /proc/kallsyms' form"},
	{.name = "only",
	 .key = KEY_ONLY,
	 .argument = "findings",
	 .verbs = VERB_AUDIT,
	 .help = "leave out what is sealed"},
	{.name = "baseline",
	 .key = KEY_BASELINE,
	 .argument = "FILE",
	 .verbs = VERB_AUDIT,
	 .help = "report what changed since an earlier --json of the same build"},
	{.name = "prometheus",
	 .key = KEY_PROMETHEUS,
	 .argument = "FILE",
	 .verbs = VERB_AUDIT,
	 .help = "write metrics for node_exporter's textfile collector"},
	{.name = "writable",
	 .key = KEY_WRITABLE,
	 .verbs = VERB_MAP,
	 .help = "only ranges that can be written"},
	{.name = "executable",
	 .key = KEY_EXECUTABLE,
	 .verbs = VERB_MAP,
	 .help = "only ranges that can be executed"},
	{.name = "wx",
	 .key = KEY_WX,
	 .verbs = VERB_MAP,
	 .help = "only ranges that can be written and executed"},
	{.name = "user",
	 .key = KEY_USER,
	 .verbs = VERB_MAP,
	 .help = "only ranges that user space can reach"},
	{.name = "region",
	 .key = KEY_REGION,
	 .argument = "NAME",
	 .verbs = VERB_MAP,
	 .help = "only that region: text, rodata, direct-map, vmalloc, ..."},
	{.name = "range",
	 .key = KEY_RANGE,
	 .argument = "0xA-0xB",
	 .verbs = VERB_MAP,
	 .help = "only those addresses; 0xA+LENGTH does as well"},
	{.name = "json-lines",
	 .key = KEY_JSON_LINES,
	 .verbs = VERB_MAP,
	 .help = "print one JSON object a line, as they come"},
	{.name = "html",
	 .key = KEY_HTML,
	 .argument = "FILE",
	 .verbs = VERB_MAP,
	 .help = "write the map as one page for a browser"},
	{.name = "no-dry-run",
	 .key = KEY_NO_DRY_RUN,
	 .verbs = VERB_PREFLIGHT,
	 .help = "read the module's code, but do not run its init in the emulator"},
	{.name = "exit",
	 .key = KEY_EXIT,
	 .verbs = VERB_PREFLIGHT,
	 .help = "dry-run the exit function, too, after an init that succeeds"},
	{.name = "call",
	 .key = KEY_CALL,
	 .argument = "FUNCTION",
	 .verbs = VERB_PREFLIGHT,
	 .help = "dry-run a function of the module after its init"},
	{.name = "trace",
	 .key = KEY_TRACE,
	 .verbs = VERB_PREFLIGHT,
	 .help = "print the dry run's tree of calls"},
	{.name = "limit",
	 .key = KEY_LIMIT,
	 .argument = "WHAT=N,...",
	 .verbs = VERB_PREFLIGHT,
	 .help = "bound the dry run: instructions, milliseconds, pages, depth"},
	{.name = "color",
	 .key = KEY_COLOR,
	 .argument = "[auto|always|never]",
	 .verbs = ANY_VERB,
	 .help = "colour the verdicts (auto: on a terminal, unless NO_COLOR is set)"},
	{.name = "core",
	 .key = KEY_CORE,
	 .argument = "FILE",
	 .verbs = ANY_VERB,
	 .help = "ask a capture or a vmcore instead of the running kernel"},
	{.name = "small",
	 .key = KEY_SMALL,
	 .verbs = VERB_CAPTURE,
	 .help = "page tables, names and ro_after_init data only"},
	{.name = "text",
	 .key = KEY_TEXT,
	 .verbs = VERB_CAPTURE,
	 .help = "the kernel's and modules' code, too"},
	{.name = "memory",
	 .key = KEY_MEMORY,
	 .verbs = VERB_CAPTURE,
	 .help = "all of RAM: what a dry run of preflight needs"},
	{.name = "symbols",
	 .key = KEY_SYMBOLS,
	 .argument = "auto|memory|text",
	 .verbs = ANY_VERB,
	 .help = "take names from the kernel's memory or from kallsyms' text"},
	{.name = "no-btf",
	 .key = KEY_NO_BTF,
	 .verbs = ANY_VERB,
	 .help = "do without BTF, as on a kernel that has none"},
	{.name = "sysroot",
	 .key = KEY_SYSROOT,
	 .argument = "DIR",
	 .verbs = ANY_VERB,
	 .help = "read DIR/proc and DIR/sys instead of /proc and /sys"},
	{.name = "no-sandbox",
	 .key = KEY_NO_SANDBOX,
	 .verbs = ANY_VERB,
	 .help = "no seccomp filter (privileges are dropped all the same)"},
	{.name = "help", .key = 'h', .verbs = ANY_VERB, .help = "print this help"},
	{.name = "version",
	 .key = 'V',
	 .verbs = ANY_VERB,
	 .help = "print the version, the libraries, whether a dry run works"},
};

enum { NR_ROWS = sizeof(rows) / sizeof(rows[0]) };

static int apply(struct options *options, int key, const char *value, struct error *err)
{
	static const char *const expect_words[] = {"ro", "rw", NULL};
	static const int expect_values[] = {EXPECT_RO, EXPECT_RW};
	static const char *const color_words[] = {"auto", "always", "never", NULL};
	static const int color_values[] = {COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER};
	static const char *const symbols_words[] = {"auto", "memory", "text", NULL};
	static const int symbols_values[] = {SOURCE_SYMBOLS_AUTO, SOURCE_SYMBOLS_MEMORY,
					     SOURCE_SYMBOLS_TEXT};
	uint64_t number = 0;
	static const char *const only_words[] = {"findings", NULL};
	static const int only_values[] = {1};
	int chosen = 0, r = 0;

	switch (key) {
	case 'J':
		options->json = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case 'h':
		options->help = true;
		break;
	case 'V':
		options->version = true;
		break;
	case KEY_EXPECT:
		r = optionvalue_choose("expect", value, expect_words, expect_values,
				       &chosen, err);
		options->expect = (enum expect)chosen;
		break;
	case KEY_COLOR:
		r = optionvalue_choose("color", value ? value : "always", color_words,
				       color_values, &chosen, err);
		options->color = (enum color)chosen;
		break;
	case KEY_SYMBOLS:
		r = optionvalue_choose("symbols", value, symbols_words, symbols_values,
				       &chosen, err);
		options->symbols = (enum source_symbols)chosen;
		break;
	case KEY_CPU:
		r = optionvalue_number("cpu", value, false, 0, UINT32_MAX, &number, err);
		options->cpu = (unsigned)number;
		options->has_cpu = true;
		break;
	case KEY_PID:
		r = optionvalue_number("pid", value, false, 1, INT32_MAX, &number, err);
		options->pid = (int)number;
		break;
	case KEY_ROOT:
		r = optionvalue_number("root", value, true, 0, UINT64_MAX,
				       &options->root_pa, err);
		options->has_root = true;
		break;
	case KEY_USER_ROOT:
		options->user_root = true;
		break;
	case KEY_NO_ALIASES:
		options->no_aliases = true;
		break;
	case KEY_NO_BTF:
		options->no_btf = true;
		break;
	case KEY_NO_SANDBOX:
		options->no_sandbox = true;
		break;
	case KEY_CORE:
		options->core = value;
		break;
	case KEY_SMALL:
		options->small = true;
		break;
	case KEY_TEXT:
		options->text = true;
		break;
	case KEY_MEMORY:
		options->memory = true;
		break;
	case KEY_NTH:
		r = optionvalue_number("nth", value, false, 1, UINT32_MAX, &number, err);
		options->nth = (unsigned)number;
		break;
	case KEY_MODULE:
		options->module = value;
		break;
	case KEY_KALLSYMS:
		options->kallsyms = value;
		break;
	case KEY_SYSROOT:
		options->sysroot = value;
		break;
	case KEY_ONLY:
		r = optionvalue_choose("only", value, only_words, only_values, &chosen,
				       err);
		options->only_findings = true;
		break;
	case KEY_BASELINE:
		options->baseline = value;
		break;
	case KEY_WRITABLE:
		options->writable = true;
		break;
	case KEY_EXECUTABLE:
		options->executable = true;
		break;
	case KEY_WX:
		options->wx = true;
		break;
	case KEY_USER:
		options->user = true;
		break;
	case KEY_REGION:
		options->region = value;
		break;
	case KEY_RANGE:
		options->range = value;
		break;
	case KEY_JSON_LINES:
		options->json_lines = true;
		break;
	case KEY_HTML:
		options->html = value;
		break;
	case KEY_PROMETHEUS:
		options->prometheus = value;
		break;
	case KEY_NO_DRY_RUN:
		options->no_dry_run = true;
		break;
	case KEY_EXIT:
		options->run_exit = true;
		break;
	case KEY_CALL:
		options->call = value;
		break;
	case KEY_TRACE:
		options->trace = true;
		break;
	case KEY_LIMIT:
		r = optionvalue_limits(value, &options->limits, err);
		break;
	}
	return r;
}

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < nr_verbs; i++)
		if (strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	return NULL;
}

struct parser {
	struct option longs[NR_ROWS + 1];
	char shorts[2 * NR_ROWS + 2];
	bool is_given[NR_ROWS];
};

static void make_parser(struct parser *parser, bool stop_at_operand)
{
	size_t nr = 0;

	if (stop_at_operand)
		parser->shorts[nr++] = '+';
	for (size_t i = 0; i < NR_ROWS; i++) {
		const char *argument = rows[i].argument;

		parser->longs[i] = (struct option){
			.name = rows[i].name,
			.val = rows[i].key,
			.has_arg = !argument	      ? no_argument
				   : *argument == '[' ? optional_argument
						      : required_argument,
		};
		if (rows[i].key < 256)
			parser->shorts[nr++] = (char)rows[i].key;
	}
	parser->longs[NR_ROWS] = (struct option){0};
	parser->shorts[nr] = '\0';
}

/* One getopt pass. Returns 0 with optind at the first operand. */
static int parse_options(struct parser *parser, struct options *options, int argc,
			 char **argv, struct error *err)
{
	int key, r = 0;

	optind = 0; /* GNU: start over */
	opterr = 0;
	while ((key = getopt_long(argc, argv, parser->shorts, parser->longs, NULL)) !=
	       -1) {
		if (key == '?') {
			const char *word = optopt && optopt < 256 ? NULL
								  : argv[optind - 1];

			r = word ? error_set(
					   err, ERROR_USAGE, -EINVAL,
					   "%s: unknown option, or its argument is missing or "
					   "unwanted; see 'kwcheck --help'",
					   word)
				 : error_set(err, ERROR_USAGE, -EINVAL,
					     "-%c: unknown option; see 'kwcheck --help'",
					     optopt);
			continue; /* a later --json still decides how the error is told */
		}
		for (size_t i = 0; i < NR_ROWS; i++)
			if (rows[i].key == key)
				parser->is_given[i] = true;
		if (apply(options, key, optarg, err) < 0)
			r = -EINVAL;
	}
	return r;
}

int options_parse(struct options *ret, int argc, char **argv, struct error *err)
{
	struct parser parser = {0};
	bool is_forced_target;
	int r;

	*ret = (struct options){
		.sysroot = "", .verb = find_verb("check"), .limits = limits_default};
	make_parser(&parser, true);
	r = parse_options(&parser, ret, argc, argv, err);
	is_forced_target = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
	if (optind < argc && !is_forced_target) {
		const struct verb *verb = find_verb(argv[optind]);

		/* argv[0] of the second pass: the verb, or the word before the target. */
		argc -= optind - !verb;
		argv += optind - !verb;
		if (verb) {
			ret->verb = verb;
			ret->has_verb = true;
		}
		make_parser(&parser, false);
		if (parse_options(&parser, ret, argc, argv, err) < 0)
			r = -EINVAL;
	}
	if (r < 0)
		return r;
	ret->operands = argv + optind;
	ret->nr_operands = (size_t)(argc - optind);
	for (size_t i = 0; i < NR_ROWS; i++)
		if (parser.is_given[i] && !(rows[i].verbs & ret->verb->bit))
			return error_set(
				err, ERROR_USAGE, -EINVAL,
				"--%s does not go with %s; see 'kwcheck %s --help'",
				rows[i].name, ret->verb->name, ret->verb->name);
	if (ret->pid && ret->has_root)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--pid and --root exclude each other");
	if (ret->nr_operands && *ret->verb->operands == '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: %s takes no operands; see 'kwcheck %s --help'",
				 ret->operands[0], ret->verb->name, ret->verb->name);
	if (ret->nr_operands == 0 && !ret->help && !ret->version &&
	    *ret->verb->operands != '[' && *ret->verb->operands != '\0')
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"nothing to %s; try 'kwcheck apparmor_hooks' or 'kwcheck --help'",
			ret->verb->name);
	return 0;
}

static void help_options(unsigned verb_bits)
{
	puts("\nOptions:");
	for (size_t i = 0; i < NR_ROWS; i++) {
		char text[64];
		const char *argument = rows[i].argument;

		if (!(rows[i].verbs & verb_bits))
			continue;
		if (!argument)
			snprintf(text, sizeof(text), "--%s", rows[i].name);
		else if (*argument == '[')
			snprintf(text, sizeof(text), "--%s[=%s", rows[i].name,
				 argument + 1);
		else
			snprintf(text, sizeof(text), "--%s=%s", rows[i].name, argument);
		if (rows[i].key < 256)
			printf("  -%c, %-28s %s\n", rows[i].key, text, rows[i].help);
		else
			printf("      %-28s %s\n", text, rows[i].help);
	}
}

static const char targets_help[] =
	"\n"
	"Targets:\n"
	"  NAME, MODULE:NAME                every symbol of that name\n"
	"  NAME+OFFSET[/LENGTH]             bytes inside a symbol\n"
	"  0xADDRESS, 0xA-0xB, 0xA+LENGTH   one byte, or a range (B is not in it)\n"
	"  @FILE, -                         a list of targets, one a line\n"
	"\n"
	"Exit status: 0 writable, 1 a write would fault, 2 undecided or no access,\n"
	"3 both 1 and 2, 64 usage, 70 a bug of kwcheck. See kwcheck(8).\n";

void options_help(const struct verb *verb)
{
	if (verb) {
		printf("Usage: kwcheck %s [OPTION]... %s\n\n%s.\n", verb->name,
		       verb->operands, verb->summary);
		help_options(verb->bit);
	} else {
		puts("Usage: kwcheck [OPTION]... TARGET...\n"
		     "       kwcheck VERB [OPTION]... OPERAND...\n"
		     "\n"
		     "Would a write to this kernel address fault? Read from the page tables of the\n"
		     "running kernel; nothing is written to it.\n"
		     "\n"
		     "Verbs (a bare TARGET means check; 'kwcheck -- walk' is the symbol):");
		for (size_t i = 0; i < nr_verbs; i++)
			printf("  %-9s %-12s %s\n", verbs[i].name, verbs[i].operands,
			       verbs[i].summary);
		help_options((unsigned)ANY_VERB);
	}
	if (!verb || verb->bit & VERBS_OF_TARGETS)
		fputs(targets_help, stdout);
}
