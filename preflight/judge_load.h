/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for all that the kernel's loader would refuse in a module, before any of the
 * module's code runs.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_LOAD_H
#define KWCHECK_PREFLIGHT_JUDGE_LOAD_H

#include "preflight/finding.h"

/* A module that depends= names and that cannot be had. */
struct judge_unmet {
	const char *name;
	const char *why; /* "which ..."; NULL: it is neither loaded nor to be found */
};

/* judge_load - adds a "refused" finding for each reason, in the kernel's words
 *
 * The module is space->mod, relocated. @unmet: @nr_unmet of them. The kernel does not
 * read depends=: where no symbol is missing, they are merely worth knowing.
 */
void judge_load(struct findings *findings, struct addrspace *space,
		const struct judge_unmet unmet[], size_t nr_unmet);

/* judge_order - tells which modules insmod(8) would have wanted to be loaded before
 * Those of space->needed, not loaded, that export what space->mod links to.
 */
void judge_order(struct findings *findings, struct addrspace *space);

#endif
