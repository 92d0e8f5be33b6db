/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One module file, looked at from all sides. */
#ifndef KWCHECK_PREFLIGHT_PREFLIGHT_H
#define KWCHECK_PREFLIGHT_PREFLIGHT_H

#include "insn/code.h"
#include "dryrun/dryrun.h"
#include "preflight/finding.h"
#include "module/parameters.h"

struct preflight {
	struct kofile *file; /* borrowed */
	struct modimage mod;
	struct code code;
	struct parameters parameters;
	struct findings findings;
	struct dryrun dryrun;
	enum finding_verdict verdict;	       /* of the worst finding */
	char reason[FINDING_TEXT_BYTES + 128]; /* why it is undecided, or "" */
	size_t nr_steps;		       /* instructions interpreted */
	bool is_placed;
};

/* What the module's surroundings give it. */
struct preflight_context {
	const char *const *words; /* "name=value", as for insmod */
	size_t nr_words;
	const char *const *unmet; /* needed modules that cannot be had */
	size_t nr_unmet;
	const struct dryrun_options *dry_run; /* NULL: none is wanted */
	const struct models *models;
	struct dryrun_machine *kept;
	const char *no_dry_run; /* why there can be none, or NULL */
};

/* preflight_module - would this module write to sealed memory?
 *
 * @file: parsed; must outlive @ret.
 * @space: with the modules that it needs in space->needed; space->place is set to the
 * module until preflight_close(). Returns 0, or -errno with @err filled.
 */
int preflight_module(struct preflight *ret, struct addrspace *space, struct kofile *file,
		     const struct preflight_context *context, struct error *err);
void preflight_close(struct preflight *inspect, struct addrspace *space);

#endif
