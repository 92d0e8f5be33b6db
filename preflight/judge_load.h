/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for all that the kernel's loader would refuse in a module, before any of the
 * module's code runs.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_LOAD_H
#define KWCHECK_PREFLIGHT_JUDGE_LOAD_H

#include "preflight/finding.h"

/* judge_load - adds a "refused" finding for each reason, in the kernel's words
 *
 * The module is space->mod, relocated. @unmet: @nr_unmet names of modules that it needs
 * and that are neither loaded nor to be found.
 */
void judge_load(struct findings *findings, struct addrspace *space,
		const char *const unmet[], size_t nr_unmet);

#endif
