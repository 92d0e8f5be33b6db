/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings from what a dry run came to: a fault, or stores that went through although the
 * page tables forbid them.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_DRYRUN_H
#define KWCHECK_PREFLIGHT_JUDGE_DRYRUN_H

#include "dryrun/dryrun.h"
#include "preflight/finding.h"

/* A finding for the fault that ended @dryrun, and for each store that went through
 * although the page tables forbid it.
 */
void judge_dryrun(struct findings *findings, struct addrspace *space,
		  const struct dryrun *dryrun);

#endif
