/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings that differ in nothing but the symbol, told as one. */
#ifndef KWCHECK_CMD_PREFLIGHT_FOLD_H
#define KWCHECK_CMD_PREFLIGHT_FOLD_H

#include <stdio.h>

#include "preflight/finding.h"

/* Kinds of finding about a symbol are fewer. */
enum { PREFLIGHT_FOLD_MAX = 16 };

struct preflight_fold {
	const struct findings *findings; /* borrowed */
	const struct finding *module;	 /* the last module that is missing; NULL */
	const struct finding *heads[PREFLIGHT_FOLD_MAX]; /* the first of each kind */
	size_t nr_heads;
};

void preflight_fold_open(struct preflight_fold *ret, const struct findings *findings);

/* preflight_fold_head - the finding that @finding is told with; NULL: it stands for
 * itself A symbol that nothing exports is told with the module that is missing, where one
 * is; else with the first finding that is like it.
 */
const struct finding *preflight_fold_head(const struct preflight_fold *fold,
					  const struct finding *finding);

/* How many are told with @head. */
size_t preflight_fold_count(const struct preflight_fold *fold,
			    const struct finding *head);

/* preflight_fold_print - their symbols, as a line; nothing where there is none */
void preflight_fold_print(FILE *out, const struct preflight_fold *fold,
			  const struct finding *head);

/* " (3 symbols are missing)", " (and 3 more symbols)", or nothing. */
void preflight_fold_sum(FILE *out, const struct preflight_fold *fold,
			const struct finding *head);

#endif
