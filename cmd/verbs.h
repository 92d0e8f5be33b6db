/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs: what kwcheck can do. */
#ifndef KWCHECK_CMD_VERBS_H
#define KWCHECK_CMD_VERBS_H

#include <stdbool.h>
#include <stddef.h>

struct options;

/* What check and walk are asked, and how they end. */
#define VERBS_TARGETS_HELP                                                                  \
	"Targets:\n"                                                                        \
	"  NAME, MODULE:NAME                every symbol of that name; *, ? and [] match\n" \
	"  NAME+OFFSET[/LENGTH]             bytes inside a symbol\n"                        \
	"  0xADDRESS, 0xA-0xB, 0xA+LENGTH   one byte, or a range (B is not in it)\n"        \
	"  @FILE, -                         a list of targets, one a line\n"                \
	"\n"                                                                                \
	"Exit status: 0 writable, 1 a write would fault, 2 undecided or no access,\n"       \
	"3 both 1 and 2, 64 usage, 70 a bug of kwcheck. See kwcheck(8).\n"

/* A new verb is a new file in cmd/, a row in verbs.c, and a bit and a function here. */
struct verb {
	const char *name;
	unsigned bit;
	const char *operands; /* in brackets: optional; "": none */
	const char *instead;  /* of operands, where there are none: what to do */
	const char *summary;
	const char *example;
	const char *verbose; /* what --verbose adds; NULL: nothing */
	const char *help;    /* what --help tells below the options; ends in a newline */
	unsigned needs;	     /* enum priv_need */
	bool works_without_kernel;
	/* Returns an exit status. */
	int (*run)(const struct options *options);
};

enum verb_bit {
	VERB_CHECK = 1 << 0,
	VERB_WALK = 1 << 1,
	VERB_OOPS = 1 << 6,
	VERB_CAPTURE = 1 << 2,
	VERB_AUDIT = 1 << 4,
	VERB_MAP = 1 << 5,
	VERB_PREFLIGHT = 1 << 3,
	VERB_DMESG = 1 << 7,
	VERB_DUMP = 1 << 8,
	VERB_DIFF = 1 << 9,
};

extern const struct verb verbs[];
extern const size_t nr_verbs;

/* The verb of that name; NULL: there is none. */
const struct verb *verb_find(const char *word);

/* The verb that @word was probably meant for: one that is near (kcore/nearest.h),
 * whatever the case; NULL: none.
 */
const struct verb *verb_guess(const char *word);

/* Each in the file of its name. */
int check_run(const struct options *options);
int capture_run(const struct options *options);
int oops_run(const struct options *options);
int preflight_run(const struct options *options);
int walk_run(const struct options *options);
int map_run(const struct options *options);
int audit_run_verb(const struct options *options);
int dmesg_run(const struct options *options);
int dump_run(const struct options *options);
int diff_run(const struct options *options);

#endif
