/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between two kernels: rows, and how they are printed. */
#ifndef KWCHECK_CMD_DIFF_H
#define KWCHECK_CMD_DIFF_H

#include <jansson.h>
#include <stdbool.h>

#include "cmd/options.h"

enum diff_kind {
	DIFF_SYMBOL = 0,
	DIFF_PART,   /* of the security modules' structures: heads, an array, static calls
		      */
	DIFF_HOOK,   /* a hook that a security module registered for */
	DIFF_TARGET, /* what a module writes to */
	DIFF_MODULE, /* its verdict */
	DIFF_NR_KINDS,
};

enum diff_change {
	DIFF_SEALED = 0, /* in B, and not in A */
	DIFF_UNSEALED,
	DIFF_CHANGED, /* in another way */
	DIFF_UNKNOWN, /* in A, in B or in both */
	DIFF_APPEARED,
	DIFF_GONE,
	DIFF_SAME,
	DIFF_NR_CHANGES,
};

struct diff_row {
	enum diff_kind kind;
	enum diff_change change;
	const char *name, *owner; /* owner: of a hook or a target; NULL */
	const char *a, *b;	  /* states or verdicts; NULL: it is not there */
};

/* Zero is empty. Strings are borrowed. */
struct diff {
	struct diff_row *rows; /* nr_rows, owned */
	size_t nr_rows, room;
	size_t counts[DIFF_NR_KINDS][DIFF_NR_CHANGES]; /* of DIFF_SAME, too */
};

/* diff_add - one comparison; a symbol, a part or a hook that is the same is counted only.
 * Returns 0 or -ENOMEM.
 */
int diff_add(struct diff *diff, const struct diff_row *row);
/* What @a and @b, words of sealing_state_name() or NULL, are to each other. */
enum diff_change diff_change_of(const char *a, const char *b);
void diff_free(struct diff *diff);

/* EXIT_YES: nothing differs in what is sealed; EXIT_NO; EXIT_UNDECIDED, both */
int diff_status(const struct diff *diff);

/* @sides: the reports of both kernels, for their "kernel". @errors: an array of what
 * could not be asked; borrowed.
 */
void diff_print(const struct diff *diff, const struct options *options,
		json_t *const sides[2]);
void diff_print_json(const struct diff *diff, const struct options *options,
		     json_t *const sides[2], json_t *errors);

/* "symbol", "part", "hook", "target", "module"; "sealed", "unsealed", "changed", ... */
const char *diff_kind_name(enum diff_kind kind);
const char *diff_change_name(enum diff_change change);

#endif
