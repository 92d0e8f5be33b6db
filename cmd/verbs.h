/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs: what kwcheck can do. */
#ifndef KWCHECK_CMD_VERBS_H
#define KWCHECK_CMD_VERBS_H

#include <stdbool.h>
#include <stddef.h>

struct options;

/* A new verb is a new file in cmd/, a row in verbs.c, and a bit and a function here. */
struct verb {
	const char *name;
	unsigned bit;
	const char *operands; /* in brackets: optional; "": none */
	const char *summary;
	unsigned needs; /* enum priv_need */
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
};

extern const struct verb verbs[];
extern const size_t nr_verbs;

/* The verb of that name; NULL: there is none. */
const struct verb *verb_find(const char *word);

/* Each in the file of its name. */
int check_run(const struct options *options);
int capture_run(const struct options *options);
int oops_run(const struct options *options);
int preflight_run(const struct options *options);
int walk_run(const struct options *options);
int map_run(const struct options *options);
int audit_run_verb(const struct options *options);

#endif
