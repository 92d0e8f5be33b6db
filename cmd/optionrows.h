/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options, a row each. */
#ifndef KWCHECK_CMD_OPTIONROWS_H
#define KWCHECK_CMD_OPTIONROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/optionvalue.h"
#include "cmd/verbs.h"

enum {
	ANY_VERB = ~0,
	VERBS_OF_TARGETS = VERB_CHECK | VERB_WALK | VERB_DUMP,
	VERBS_OF_TABLES = VERB_CHECK | VERB_AUDIT | VERB_MAP | VERB_PREFLIGHT,
	VERBS_OF_KERNELS = VERBS_OF_TARGETS | VERB_AUDIT | VERB_MAP | VERB_PREFLIGHT |
			   VERB_CAPTURE | VERB_DMESG,
};

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

/* A new option is one row in optionrows.c, a field of struct options, one line of the man
 * page and of the completion.
 */
struct option_row {
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
};

/* Room for them, where an array has one for each. */
enum { OPTIONROWS_MAX = 128 };

extern const struct option_row option_rows[];
extern const size_t nr_option_rows;

/* "auto|always|never" of a choice; what help calls any other argument. */
void optionrows_describe(const struct option_row *row, char *text, size_t room);

#endif
