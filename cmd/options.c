/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: a verb, options, operands. */
#include "cmd/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/optionvalue.h"
#include "cmd/text.h"
#include "guest/vm.h"
#include "kcore/nearest.h"
#include "preflight/finding.h"

enum {
	ANY_VERB = ~0,
	VERBS_OF_TARGETS = VERB_CHECK | VERB_WALK | VERB_DUMP,
	VERBS_OF_TABLES = VERB_CHECK | VERB_AUDIT | VERB_MAP | VERB_PREFLIGHT,
	VERBS_OF_KERNELS = VERBS_OF_TARGETS | VERB_AUDIT | VERB_MAP | VERB_PREFLIGHT |
			   VERB_CAPTURE | VERB_DMESG,
};

_Static_assert(sizeof(enum expect) == sizeof(unsigned) &&
		       sizeof(enum color) == sizeof(unsigned) &&
		       sizeof(enum source_symbols) == sizeof(unsigned) &&
		       sizeof(enum only) == sizeof(unsigned),
	       "OPTION_CHOICE writes an unsigned");

/* What an option's argument looks like, and the type of its field in struct options. */
enum option_kind {
	OPTION_FLAG,	/* no argument; a bool */
	OPTION_TEXT,	/* any text; a const char * */
	OPTION_FILES,	/* the same, and the next times a struct option_list at .more */
	OPTION_DECIMAL, /* a number from .min to .max; a struct option_number */
	OPTION_HEX,	/* the same with 0x and hexadecimal digits */
	OPTION_NUMBER,	/* either */
	OPTION_CHOICE,	/* one of .words; an enum whose value is the word's index */
	OPTION_SOME,	/* word,word: some of .words; an unsigned with a bit for each */
	OPTION_LIMITS,	/* pages=N,depth=N; a struct machine_limits */
};

/* Under which heading of help it stands. */
enum option_group { GROUP_ASK = 0, GROUP_OUTPUT, GROUP_SOURCE, GROUP_OTHER, NR_GROUPS };

static const char *const group_names[NR_GROUPS] = {
	[GROUP_ASK] = "What is asked",
	[GROUP_OUTPUT] = "What is printed",
	[GROUP_SOURCE] = "Which kernel, and how it is read",
	[GROUP_OTHER] = "Other",
};

/* A new option is one row here, a field of struct options, one line of the man page and
 * of the completion.
 */
static const struct option_row {
	const char *name;
	char letter; /* the short form; 0: none */
	enum option_kind kind;
	enum option_group group;
	size_t offset; /* of the field in struct options */
	size_t more;   /* of the second field, of an OPTION_FILES */
	unsigned verbs;
	const char *argument; /* its name in help; NULL: none, or .words */
	const char *fallback; /* for a missing argument; NULL: it must be given */
	bool takes_empty;     /* an empty argument means something */
	const char *words[OPTIONVALUE_MAX_WORDS];
	uint64_t min, max;
	const char *help;
	unsigned other_verbs; /* of which it means, or is given, something else: */
	const char *other_argument, *other_help;
} rows[] = {
	{.name = "json",
	 .letter = 'J',
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, json),
	 .verbs = ANY_VERB,
	 .help = "print one JSON object"},
	{.name = "quiet",
	 .letter = 'q',
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, quiet),
	 .verbs = ANY_VERB,
	 .help = "answer by exit status only"},
	{.name = "verbose",
	 .letter = 'v',
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, verbose),
	 .verbs = ANY_VERB,
	 .help = "tell more: 'kwcheck help VERB' says what"},
	{.name = "expect",
	 .kind = OPTION_CHOICE,
	 .offset = offsetof(struct options, expect),
	 .verbs = VERB_CHECK,
	 .words = {[EXPECT_RO] = "ro", [EXPECT_RW] = "rw"},
	 .help = "exit 0 if every byte is so, else 1"},
	{.name = "list",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, list),
	 .verbs = VERB_CHECK,
	 .argument = "PATTERN",
	 .help = "print the symbols that match; ask nothing of them"},
	{.name = "length",
	 .kind = OPTION_NUMBER,
	 .offset = offsetof(struct options, length),
	 .verbs = VERB_DUMP,
	 .argument = "BYTES",
	 .min = 1,
	 .max = 1024 * 1024,
	 .help = "how many bytes of each target, whatever its own size"},
	{.name = "disassemble",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, disassemble),
	 .verbs = VERB_DUMP,
	 .help = "print instructions, with the symbols that they lead to"},
	{.name = "no-aliases",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, no_aliases),
	 .verbs = VERB_CHECK,
	 .help = "do not look for other mappings of a symbol"},
	{.name = "cpu",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, cpu_word),
	 .verbs = VERBS_OF_KERNELS | VERB_DIFF,
	 .argument = "CPU",
	 .help = "that CPU's copy of a per-CPU symbol; with --kernel also a model of QEMU's",
	 .other_verbs = (VERBS_OF_KERNELS & ~VERBS_OF_TARGETS) | VERB_DIFF,
	 .other_argument = "MODEL",
	 .other_help = "with --kernel: QEMU's model"},
	{.name = "pid",
	 .kind = OPTION_DECIMAL,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, pid),
	 .verbs = VERBS_OF_TARGETS,
	 .argument = "N",
	 .min = 1,
	 .max = INT32_MAX,
	 .help = "walk from the root table of process N"},
	{.name = "root",
	 .kind = OPTION_HEX,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, root),
	 .verbs = VERBS_OF_TARGETS,
	 .argument = "0xPA",
	 .max = UINT64_MAX,
	 .help = "walk from the root table at this address"},
	{.name = "user-root",
	 .kind = OPTION_FLAG,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, user_root),
	 .verbs = VERBS_OF_TARGETS,
	 .help = "walk from PTI's root table of user mode"},
	{.name = "nth",
	 .kind = OPTION_DECIMAL,
	 .offset = offsetof(struct options, nth),
	 .verbs = VERB_OOPS,
	 .argument = "N",
	 .min = 1,
	 .max = UINT32_MAX,
	 .help = "explain the N-th crash only"},
	{.name = "module",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, module),
	 .verbs = VERB_OOPS,
	 .argument = "FILE",
	 .help = "the .ko file of the module that crashed"},
	{.name = "vmlinux",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, vmlinux),
	 .verbs = ANY_VERB,
	 .argument = "FILE",
	 .help = "the kernel's ELF file: types, names, and of oops source lines"},
	{.name = "kallsyms",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, kallsyms),
	 .verbs = VERB_OOPS,
	 .argument = "FILE",
	 .help = "symbols of the boot that crashed, in /proc/kallsyms' form"},
	{.name = "merge",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, merge),
	 .verbs = VERB_OOPS,
	 .help = "one report of what many 'oops --json-lines' wrote: FILE is such a file"},
	{.name = "only",
	 .kind = OPTION_CHOICE,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, only),
	 .verbs = VERB_AUDIT | VERB_PREFLIGHT,
	 .words = {[ONLY_FINDINGS] = "findings"},
	 .help = "leave out what is sealed, or clean"},
	{.name = "hook",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, hook),
	 .verbs = VERB_AUDIT,
	 .argument = "HOOK",
	 .help = "only what this LSM hook calls, in order"},
	{.name = "output",
	 .letter = 'o',
	 .kind = OPTION_TEXT,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, output),
	 .verbs = VERBS_OF_TABLES,
	 .argument = "COLUMN,...",
	 .help = "a table, of these columns; a wrong one lists all"},
	{.name = "noheadings",
	 .letter = 'n',
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, noheadings),
	 .verbs = VERBS_OF_TABLES,
	 .help = "a table, without its headings"},
	{.name = "baseline",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, baseline),
	 .verbs = VERB_AUDIT,
	 .argument = "FILE",
	 .help = "report changes since an earlier --json"},
	{.name = "image",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, image),
	 .verbs = VERB_AUDIT,
	 .argument = "FILE",
	 .help = "the vmlinuz to compare with, if not /boot's"},
	{.name = "prometheus",
	 .kind = OPTION_TEXT,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, prometheus),
	 .verbs = VERB_AUDIT,
	 .argument = "FILE",
	 .help = "write metrics for node_exporter"},
	{.name = "nrpe",
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, nrpe),
	 .verbs = VERB_AUDIT,
	 .help = "one line and status as Nagios' plugins have"},
	{.name = "writable",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, writable),
	 .verbs = VERB_MAP,
	 .help = "only ranges that can be written"},
	{.name = "executable",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, executable),
	 .verbs = VERB_MAP,
	 .help = "only ranges that can be executed"},
	{.name = "wx",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, wx),
	 .verbs = VERB_MAP,
	 .help = "only ranges that can be written and executed"},
	{.name = "user",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, user),
	 .verbs = VERB_MAP,
	 .help = "only ranges that user space can reach"},
	{.name = "region",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, region),
	 .verbs = VERB_MAP,
	 .argument = "NAME",
	 .help = "only that region: text, rodata, direct-map, vmalloc, ..."},
	{.name = "range",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, range),
	 .verbs = VERB_MAP,
	 .argument = "0xA-0xB",
	 .help = "only those addresses; 0xA+LENGTH does as well"},
	{.name = "json-lines",
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, json_lines),
	 .verbs = VERB_MAP | VERB_OOPS,
	 .help = "print one JSON object a line, as they come"},
	{.name = "sarif",
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, sarif),
	 .verbs = VERB_PREFLIGHT,
	 .help = "print a SARIF 2.1.0 log, for code scanning"},
	{.name = "html",
	 .kind = OPTION_TEXT,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, html),
	 .verbs = VERB_MAP,
	 .argument = "FILE",
	 .help = "write the map as one page for a browser"},
	{.name = "no-dry-run",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, no_dry_run),
	 .verbs = VERB_PREFLIGHT | VERB_DIFF,
	 .help = "read the code only; do not run its init"},
	{.name = "no-modprobe",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, no_modprobe),
	 .verbs = VERB_PREFLIGHT,
	 .help = "load where no modprobe can be asked"},
	{.name = "exit",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, run_exit),
	 .verbs = VERB_PREFLIGHT,
	 .help = "dry-run exit, too, where init succeeds"},
	{.name = "call",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, call),
	 .verbs = VERB_PREFLIGHT,
	 .argument = "FUNCTION",
	 .help = "dry-run this function after init"},
	{.name = "trace",
	 .kind = OPTION_FLAG,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, trace),
	 .verbs = VERB_PREFLIGHT,
	 .help = "print the dry run's tree of calls"},
	{.name = "limit",
	 .kind = OPTION_LIMITS,
	 .offset = offsetof(struct options, limits),
	 .verbs = VERB_PREFLIGHT,
	 .argument = "WHAT=N,...",
	 .help = "bound the dry run: instructions, milliseconds, pages, depth"},
	{.name = "fail-on",
	 .kind = OPTION_SOME,
	 .offset = offsetof(struct options, fail_on),
	 .verbs = VERB_PREFLIGHT,
	 .argument = "VERDICT,...",
	 .words = {[FINDING_WOULD_FAULT] = "would-fault",
		   [FINDING_BYPASS] = "bypass",
		   [FINDING_SUSPECT] = "suspect",
		   [FINDING_REFUSED] = "refused",
		   [FINDING_UNDECIDED] = "undecided"},
	 .help = "exit 1 for these verdicts only"},
	{.name = "set-version",
	 .letter = 'S',
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, set_version),
	 .verbs = VERB_AUDIT | VERB_PREFLIGHT | VERB_DIFF,
	 .argument = "RELEASE",
	 .help = "take installed modules of that release"},
	{.name = "moddir",
	 .letter = 'm',
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, moddir),
	 .verbs = VERB_AUDIT | VERB_PREFLIGHT | VERB_DIFF,
	 .argument = "DIR",
	 .help = "the folder of releases, if not /lib/modules"},
	{.name = "color",
	 .kind = OPTION_CHOICE,
	 .group = GROUP_OUTPUT,
	 .offset = offsetof(struct options, color),
	 .verbs = ANY_VERB,
	 .words = {[COLOR_AUTO] = "auto",
		   [COLOR_ALWAYS] = "always",
		   [COLOR_NEVER] = "never"},
	 .fallback = "always",
	 .help = "colour the verdicts (auto: on a terminal, unless NO_COLOR is set)"},
	{.name = "core",
	 .kind = OPTION_FILES,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, core),
	 .more = offsetof(struct options, parts),
	 .verbs = ANY_VERB,
	 .argument = "FILE",
	 .help = "ask a capture or a dump instead of the running kernel"},
	{.name = "small",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, small),
	 .verbs = VERB_CAPTURE,
	 .help = "page tables, names, ro_after_init data only"},
	{.name = "text",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, text),
	 .verbs = VERB_CAPTURE,
	 .help = "the kernel's and modules' code, too"},
	{.name = "memory",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct options, memory_word),
	 .verbs = VERBS_OF_KERNELS | VERB_DIFF,
	 .argument = "SIZE",
	 .fallback = "",
	 .help = "all of RAM, for dry runs; =SIZE with --kernel: the virtual machine's "
		 "(256M)",
	 .other_verbs = (VERBS_OF_KERNELS & ~VERB_CAPTURE) | VERB_DIFF,
	 .other_help = "with --kernel: the machine's memory (256M)"},
	{.name = "kernel",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, kernel),
	 .verbs = VERBS_OF_KERNELS,
	 .argument = "KERNEL",
	 .help = "a vmlinuz or a release: boot it in QEMU first",
	 .other_verbs = VERB_PREFLIGHT,
	 .other_help = "a vmlinuz, a release, or all: boot it in QEMU first"},
	{.name = "against",
	 .kind = OPTION_FILES,
	 .offset = offsetof(struct options, against),
	 .more = offsetof(struct options, more_against),
	 .verbs = VERB_DIFF,
	 .argument = "MODULE",
	 .help = "tell of this module in both; may be given again"},
	{.name = "trial",
	 .kind = OPTION_FLAG,
	 .offset = offsetof(struct options, trial),
	 .verbs = VERB_PREFLIGHT,
	 .help = "with --kernel: load the modules there, too, and compare"},
	{.name = "no-boot",
	 .kind = OPTION_FLAG,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, no_boot),
	 .verbs = VERB_CHECK | VERB_PREFLIGHT,
	 .help = "with --kernel: read the image alone, run nothing"},
	{.name = "append",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, append),
	 .verbs = VERBS_OF_KERNELS | VERB_DIFF,
	 .argument = "WORDS",
	 .takes_empty = true,
	 .help = "with --kernel: more for its command line"},
	{.name = "symbols",
	 .kind = OPTION_CHOICE,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, symbols),
	 .verbs = ANY_VERB,
	 .words = {[SOURCE_SYMBOLS_AUTO] = "auto",
		   [SOURCE_SYMBOLS_MEMORY] = "memory",
		   [SOURCE_SYMBOLS_TEXT] = "text"},
	 .help = "take names from the kernel's memory or from kallsyms' text"},
	{.name = "btf",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, btf),
	 .verbs = ANY_VERB,
	 .argument = "FILE",
	 .help = "take the kernel's types (BTF, DWARF) from FILE"},
	{.name = "no-btf",
	 .kind = OPTION_FLAG,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, no_btf),
	 .verbs = ANY_VERB,
	 .help = "do without BTF, as on a kernel that has none"},
	{.name = "sysroot",
	 .kind = OPTION_TEXT,
	 .group = GROUP_SOURCE,
	 .offset = offsetof(struct options, sysroot),
	 .verbs = ANY_VERB,
	 .argument = "DIR",
	 .help = "read DIR/proc and DIR/sys instead of /proc and /sys"},
	{.name = "no-sandbox",
	 .kind = OPTION_FLAG,
	 .group = GROUP_OTHER,
	 .offset = offsetof(struct options, no_sandbox),
	 .verbs = ANY_VERB,
	 .help = "no seccomp filter (privileges are dropped all the same)"},
	{.name = "help",
	 .letter = 'h',
	 .kind = OPTION_FLAG,
	 .group = GROUP_OTHER,
	 .offset = offsetof(struct options, help),
	 .verbs = ANY_VERB,
	 .help = "print this help"},
	{.name = "version",
	 .letter = 'V',
	 .kind = OPTION_FLAG,
	 .group = GROUP_OTHER,
	 .offset = offsetof(struct options, version),
	 .verbs = ANY_VERB,
	 .help = "print the version, the libraries, whether a dry run works"},
};

enum { NR_ROWS = sizeof(rows) / sizeof(rows[0]) };

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
	struct option longs[NR_ROWS + 1];
	/* "-": operands come in their order among the options, whatever POSIXLY_CORRECT
	 * says. ":": a missing argument is told from an unknown option.
	 */
	char letters[2 + 3 * NR_ROWS + 1];
	bool is_given[NR_ROWS];
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
	for (int i = 0; i < NR_ROWS; i++) {
		ret->longs[i] = (struct option){
			.name = rows[i].name,
			.val = KEY_LONG + i,
			.has_arg = rows[i].kind == OPTION_FLAG ? no_argument
				   : rows[i].fallback	       ? optional_argument
							       : required_argument,
		};
		if (!rows[i].letter)
			continue;
		ret->letters[nr++] = rows[i].letter;
		if (rows[i].kind != OPTION_FLAG)
			ret->letters[nr++] = ':';
	}
}

/* The row that @key of getopt_long() stands for; NULL: none. */
static const struct option_row *row_of(int key)
{
	if (key >= KEY_LONG)
		return &rows[key - KEY_LONG];
	for (size_t i = 0; i < NR_ROWS; i++)
		if (rows[i].letter && rows[i].letter == key)
			return &rows[i];
	return NULL;
}

/* "auto|always|never" of a choice; what help calls any other argument. */
static void describe_argument(const struct option_row *row, char *text, size_t room)
{
	size_t used = 0;

	if (row->argument)
		used = (size_t)snprintf(text, room, "%s", row->argument);
	for (size_t i = 0; !row->argument && i < OPTIONVALUE_MAX_WORDS; i++)
		if (row->words[i])
			used += (size_t)snprintf(text + used, room - used, "%s%s",
						 used ? "|" : "", row->words[i]);
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
	for (size_t i = 0; i < NR_ROWS; i++)
		nearest_offer(&nearest, rows[i].name);
	if (verb)
		snprintf(guess, room, "; did you mean 'kwcheck %s'", verb->name);
	else if (nearest.nr && nearest.distances[0] <= FAR)
		snprintf(guess, room, "; did you mean --%s", nearest.found[0]);
	for (size_t i = 0; i < NR_ROWS && !*guess && strlen(given) >= LEAST_PART; i++)
		if (strstr(rows[i].name, given))
			snprintf(guess, room, "; did you mean --%s", rows[i].name);
}

/* A long option that getopt_long() does not know: the start of no name, or of several. */
static int refuse_long(const char *word, struct error *err)
{
	size_t bytes = strcspn(word + 2, "="), used = 0, nr = 0;
	char names[256] = "", given[64] = "", guess[64] = "";

	for (size_t i = 0; i < NR_ROWS && bytes; i++) {
		if (strncmp(rows[i].name, word + 2, bytes) != 0)
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s",
					 nr++ ? ", " : "", rows[i].name);
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
		describe_argument(row, argument, sizeof(argument));
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

	for (size_t i = 0; i < NR_ROWS; i++) {
		if (bytes && strlen(rows[i].name) == bytes &&
		    strncmp(rows[i].name, word + 2, bytes) == 0)
			return true;
		if (rows[i].letter && word[0] == '-' && word[1] == rows[i].letter &&
		    word[2] == '\0')
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
	describe_argument(row, argument, sizeof(argument));
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
			parser->is_given[row - rows] = true;
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

static int check_kernel(const struct options *options, struct error *err)
{
	bool is_diff = options->verb->bit == VERB_DIFF;

	if (options->core && is_diff)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--core does not go with diff: both kernels are its "
				 "operands; see 'kwcheck diff --help'");
	if (options->append && !options->kernel && !is_diff)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--append is of a kernel that --kernel boots");
	if (options->trial && !options->kernel)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--trial loads modules in a virtual machine, never here: give "
			"--kernel, as --kernel=\"$(uname -r)\" is");
	if (!options->kernel)
		return 0;
	if (options->core || *options->sysroot)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--kernel and --%s exclude each other",
				 options->core ? "core" : "sysroot");
	if (strcmp(options->kernel, "all") == 0 && options->verb->bit != VERB_PREFLIGHT)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--kernel=all does not go with %s; give one kernel",
				 options->verb->name);
	if (strcmp(options->kernel, "all") == 0 && options->sarif)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--kernel=all does not go with --sarif; give one kernel");
	return 0;
}

static int check_no_boot(const struct options *options, struct error *err)
{
	if (!options->no_boot)
		return 0;
	if (!options->kernel)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--no-boot is of a kernel that --kernel names");
	if (options->trial || options->append || options->vm_cpu || options->memory_word)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--no-boot boots nothing: it does not go with --trial, "
				 "--append, --memory or a CPU model");
	return 0;
}

/* Options of which the one would make nothing of the other. What two of them share is
 * told once: --memory is --small's opposite for a capture alone (take_words()).
 */
static const struct {
	const char *one, *other;
} pairs[] = {
	{"pid", "root"},	 {"btf", "no-btf"},	   {"quiet", "json"},
	{"quiet", "json-lines"}, {"quiet", "sarif"},	   {"quiet", "nrpe"},
	{"json", "json-lines"},	 {"json", "sarif"},	   {"json", "nrpe"},
	{"json", "output"},	 {"json-lines", "output"}, {"nrpe", "output"},
	{"nrpe", "baseline"},	 {"nrpe", "hook"},	   {"hook", "baseline"},
	{"baseline", "output"},	 {"small", "text"},	   {"list", "expect"},
	{"list", "cpu"},	 {"list", "pid"},	   {"list", "root"},
	{"list", "user-root"},	 {"list", "no-aliases"},   {"no-dry-run", "exit"},
	{"no-dry-run", "call"},	 {"no-dry-run", "trace"},  {"no-dry-run", "limit"},
	{"sarif", "output"},	 {"sarif", "trace"},	   {"trace", "output"},
	{"trace", "noheadings"}, {"merge", "json-lines"},  {"merge", "core"},
	{"merge", "kernel"},	 {"merge", "module"},	   {"merge", "vmlinux"},
	{"merge", "kallsyms"},	 {"merge", "btf"},	   {"merge", "nth"},
};

static bool is_given(const struct parser *parser, const char *name)
{
	for (size_t i = 0; i < NR_ROWS; i++)
		if (parser->is_given[i] && strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

static int check_pairs(const struct parser *parser, struct error *err)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (is_given(parser, pairs[i].one) && is_given(parser, pairs[i].other))
			return error_set(err, ERROR_USAGE, -EINVAL,
					 "--%s and --%s exclude each other", pairs[i].one,
					 pairs[i].other);
	return 0;
}

/* Refuses options, operands and verbs that are right by themselves, but not together. */
static int check_together(const struct parser *parser, const struct options *options,
			  struct error *err)
{
	const struct verb *verb = options->verb;

	int r;

	if (parser->is_help && options->nr_operands)
		return refuse_help(options, err);
	if (parser->is_version && options->nr_operands)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: 'kwcheck version' takes no operands",
				 options->operands[0]);
	for (size_t i = 0; i < NR_ROWS; i++)
		if (parser->is_given[i] && !(rows[i].verbs & verb->bit))
			return error_set(
				err, ERROR_USAGE, -EINVAL,
				"--%s does not go with %s; see 'kwcheck %s --help'",
				rows[i].name, verb->name, verb->name);
	r = check_kernel(options, err);
	if (r < 0)
		return r;
	r = check_pairs(parser, err);
	if (r < 0)
		return r;
	if (options->nr_operands && *verb->operands == '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%.100s: %s takes no operands; %s", options->operands[0],
				 verb->name, verb->instead);
	if (options->list && options->nr_operands)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"%.100s: --list takes no targets beside its pattern, which "
			"the shell expands unless it is quoted",
			options->operands[0]);
	if (options->nr_operands == 0 && !options->help && !options->version &&
	    !options->list && *verb->operands != '[' && *verb->operands != '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "nothing to %s: no %.*s is given%s%.60s%s; try '%s' or "
				 "'kwcheck%s%s --help'",
				 verb->name, (int)strcspn(verb->operands, ". "),
				 verb->operands, parser->taken ? " ('" : "",
				 parser->taken ?: "",
				 parser->taken ? "' is an option's argument)" : "",
				 verb->example, options->has_verb ? " " : "",
				 options->has_verb ? verb->name : "");
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
		r = check_together(&parser, ret, err);
	if (r == 0)
		r = take_words(ret, err);
	return r < 0 ? r : check_no_boot(ret, err);
}

/* What it does to @verb (NULL: to any); NULL: nothing. */
static const char *help_of(const struct option_row *row, const struct verb *verb)
{
	if (verb && row->offset == offsetof(struct options, verbose))
		return verb->verbose;
	return verb && row->other_verbs & verb->bit ? row->other_help : row->help;
}

/* What it is to other verbs is about the kernel that --kernel boots. */
static enum option_group group_of(const struct option_row *row, const struct verb *verb)
{
	return verb && row->other_verbs & verb->bit ? GROUP_SOURCE : row->group;
}

static void help_row(const struct option_row *row, const struct verb *verb)
{
	enum { HELP_COLUMN = 35 };
	bool is_other = verb && row->other_verbs & verb->bit;
	char text[96], argument[64];
	int column;

	describe_argument(row, argument, sizeof(argument));
	snprintf(text, sizeof(text),
		 row->kind == OPTION_FLAG     ? "--%s"
		 : row->fallback && !is_other ? "--%s[=%s]"
					      : "--%s=%s",
		 row->name,
		 is_other && row->other_argument ? row->other_argument : argument);
	if (row->letter)
		column = printf("  -%c, %-28s ", row->letter, text);
	else
		column = printf("      %-28s ", text);
	text_wrapped_from(column, HELP_COLUMN, help_of(row, verb));
}

/* Of @verb's help those that not every verb has, or that are another thing to each. */
static bool is_of_help(const struct option_row *row, const struct verb *verb)
{
	bool is_common = row->verbs == (unsigned)ANY_VERB;

	if (!verb)
		return is_common;
	return row->verbs & verb->bit && help_of(row, verb) &&
	       (!is_common || row->offset == offsetof(struct options, verbose));
}

/* Those that go with @verb alone; with NULL those that go with every verb. */
static void help_options(const struct verb *verb)
{
	for (enum option_group group = 0; group < NR_GROUPS; group++) {
		bool has_heading = false;

		for (size_t i = 0; i < NR_ROWS; i++) {
			if (group_of(&rows[i], verb) != group ||
			    !is_of_help(&rows[i], verb))
				continue;
			if (!has_heading)
				printf("\n%s:\n", group_names[group]);
			has_heading = true;
			help_row(&rows[i], verb);
		}
	}
}

/* The names of those that go with every verb, for which the tool's own help is there. */
static void help_common(void)
{
	char names[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < NR_ROWS; i++) {
		if (rows[i].verbs != (unsigned)ANY_VERB ||
		    rows[i].offset == offsetof(struct options, verbose))
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s",
					 used ? " " : "", rows[i].name);
		if (rows[i].letter)
			used += (size_t)snprintf(names + used, sizeof(names) - used,
						 ",-%c", rows[i].letter);
	}
	puts("\nWith every verb ('kwcheck --help' explains them):");
	text_wrapped("", 2, names);
}

void options_help(const struct verb *verb)
{
	if (verb) {
		printf("Usage: kwcheck %s [OPTION]...%s%s\n\n%c%s.\n", verb->name,
		       *verb->operands ? " " : "", verb->operands,
		       toupper((unsigned char)*verb->summary), verb->summary + 1);
		help_options(verb);
		help_common();
		printf("\nExample: %s\n\n%s", verb->example, verb->help);
		return;
	}
	puts("Usage: kwcheck [OPTION]... TARGET...\n"
	     "       kwcheck VERB [OPTION]... OPERAND...\n"
	     "       kwcheck help [VERB]\n"
	     "\n"
	     "Would a write to this kernel address fault? Read from the page tables of the\n"
	     "running kernel; nothing is written to it.\n"
	     "\n"
	     "Verbs (a bare TARGET means check; 'kwcheck -- walk' is the symbol):");
	for (size_t i = 0; i < nr_verbs; i++)
		printf("  %-10s %s\n", verbs[i].name, verbs[i].summary);
	puts("\n'kwcheck help VERB' has its operands, its other options and its exit status.");
	help_options(NULL);
	fputs("\n" VERBS_TARGETS_HELP, stdout);
}
