/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of "preflight" for one file, rendered. */
#ifndef KWCHECK_CMD_PREFLIGHT_H
#define KWCHECK_CMD_PREFLIGHT_H

#include <jansson.h>
#include <stdio.h>

#include "cmd/preflight_trial.h"
#include "cmd/text.h"
#include "preflight/preflight.h"

/* What is told of one file. */
struct preflight_answer {
	const struct kernelfacts *facts;
	const struct kofile *file;
	const struct preflight
		*preflight; /* NULL: it could not be looked at, see error */
	struct error error;
	const struct trial_result *trial; /* NULL: none was wanted */
};

enum finding_verdict preflight_verdict(const struct preflight_answer *answer);

/* @text->is_verbose adds what is merely worth knowing, the walks, and each symbol. */
void preflight_text(FILE *out, const struct text *text,
		    const struct preflight_answer *answer);

/* The same for a row of a table: the cells of preflight_list.h, each ends in a NUL. */
void preflight_cells(FILE *out, const struct preflight_answer *answer);
/* An SGR code. */
const char *preflight_text_color(enum finding_verdict verdict);

/* One element of "results". 0 or -ENOMEM. */
int preflight_json(FILE *out, const struct preflight_answer *answer);

/* The dry run's part of each: answer->preflight is there. */
void preflight_dryrun_text(FILE *out, const struct text *text,
			   const struct preflight_answer *answer);
json_t *preflight_dryrun_json(const struct preflight_answer *answer);

#endif
