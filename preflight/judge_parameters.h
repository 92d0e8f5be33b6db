/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for what the kernel makes of the parameters given: a value that it does not
 * take ends the load before init.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_PARAMETERS_H
#define KWCHECK_PREFLIGHT_JUDGE_PARAMETERS_H

#include "dryrun/dryrun.h"
#include "module/parameters.h"
#include "preflight/finding.h"

/* judge_parameters - by the rules of the kernel's own types, before the dry run
 * Adds a "refused" finding for each value that they reject, and a note for each name that
 * the module does not have.
 */
void judge_parameters(struct findings *findings, const struct addrspace *space,
		      const struct parameters *parameters);

/* judge_parameters_settle - after the dry run, whose parse_args() knows best
 * Where a value is rejected what was found in code that will not run is taken out. Where
 * nobody can say whether it is, that is a finding.
 */
void judge_parameters_settle(struct findings *findings, const struct addrspace *space,
			     const struct parameters *parameters,
			     const struct dryrun *dryrun);

/* Is it the refusal of a parameter's value? */
bool judge_parameters_is_refusal(const struct finding *finding);

#endif
