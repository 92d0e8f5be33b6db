/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to do about what preflight says of a module. */
#ifndef KWCHECK_PREFLIGHT_ADVICE_H
#define KWCHECK_PREFLIGHT_ADVICE_H

#include "dryrun/dryrun.h"
#include "preflight/finding.h"

enum { ADVICE_TEXT_BYTES = 1024 };

/* What made a module's verdict. */
enum advice_cause {
	ADVICE_FINDINGS = 0, /* its worst findings; none: it is clean */
	ADVICE_UNSEEN,	     /* something of the kernel that cannot be seen */
	ADVICE_DRY_RUN,	     /* a dry run that stopped */
	ADVICE_BOUNDED,	     /* code that was too much to follow */
	ADVICE_NR_CAUSES,
};

/* advice_of_finding - one sentence without its full stop, the same for all of a kind that
 * lie in memory of one sort
 */
const char *advice_of_finding(const struct finding *finding);

/* advice_write - what to do about the module, in words
 * @findings: sorted. What several of the worst ask for stands there once.
 */
void advice_write(char text[ADVICE_TEXT_BYTES], enum finding_verdict verdict,
		  enum advice_cause cause, const struct findings *findings,
		  const struct dryrun *dryrun);

/* The same where the module could not even be looked at. */
const char *advice_of_failure(void);

#endif
