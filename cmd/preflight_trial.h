/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of a trial, beside what was predicted. */
#ifndef KWCHECK_CMD_PREFLIGHT_TRIAL_H
#define KWCHECK_CMD_PREFLIGHT_TRIAL_H

#include <jansson.h>
#include <stdio.h>

#include "cmd/trial.h"
#include "guest/trial.h"
#include "preflight/preflight.h"

enum trial_agreement {
	TRIAL_NOT_COMPARED = 0,
	TRIAL_AGREES,
	TRIAL_DISAGREES,
	TRIAL_NR_AGREEMENTS,
};

struct trial_result {
	const struct trial *trial;
	struct trial_outcome outcome;
	enum trial_agreement agreement;
	char why[512]; /* not compared: why; disagrees: what was predicted; "" */
};

/* preflight_trial - reads and compares; in a process without privileges
 * @preflight: NULL where the module could not be looked at.
 */
void preflight_trial(struct trial_result *ret, const struct trial *trial,
		     const struct preflight *preflight);

/* "not-run", "not-loaded", "returned", "died", "panicked", "hung" */
const char *preflight_trial_outcome(const struct trial_result *result);
/* "not-compared", "agrees", "disagrees" */
const char *preflight_trial_agreement(enum trial_agreement agreement);

/* Lines of the answer; and the same in some words, for one line of many. */
void preflight_trial_text(FILE *out, const struct trial_result *result);
void preflight_trial_words(FILE *out, const struct trial_result *result);
json_t *preflight_trial_json(const struct trial_result *result);

#endif
