/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of "preflight" as a SARIF 2.1.0 log, for code scanning. Written as it comes:
 * the head, results with commas between them, the end.
 */
#ifndef KWCHECK_CMD_PREFLIGHT_SARIF_H
#define KWCHECK_CMD_PREFLIGHT_SARIF_H

#include <stdio.h>

#include "cmd/preflight.h"

void preflight_sarif_begin(void);

/* preflight_sarif - a result for each finding of one file that is not merely worth
 * knowing Nothing is written where there is none. One without a finding that says its
 * verdict has a result with the reason. 0 or -ENOMEM.
 */
int preflight_sarif(FILE *out, const struct preflight_answer *answer);

/* @errors: what was not looked at. */
void preflight_sarif_end(const struct error *errors, size_t nr_errors);

#endif
