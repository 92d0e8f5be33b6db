/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preflight judges one module file: its code is read, it runs in a machine where that is
 * wanted, and what both came to makes the verdict.
 */
#ifndef KWCHECK_PREFLIGHT_PREFLIGHT_H
#define KWCHECK_PREFLIGHT_PREFLIGHT_H

#include "dryrun/dryrun.h"
#include "insn/code.h"
#include "insn/forms.h"
#include "module/parameters.h"
#include "module/signature.h"
#include "preflight/abilities.h"
#include "preflight/advice.h"
#include "preflight/finding.h"
#include "preflight/judge_load.h"
#include "preflight/runnames.h"

struct preflight {
	struct kofile *file; /* borrowed */
	struct modimage mod;
	struct code code;
	struct parameters parameters;
	struct findings findings;
	struct dryrun dryrun;
	struct runnames names; /* of the dry run */
	struct signature signature;
	uint32_t abilities;		       /* bit n: enum ability n */
	enum finding_verdict verdict;	       /* of the worst finding */
	char reason[FINDING_TEXT_BYTES + 128]; /* why it is undecided, or "" */
	char advice[ADVICE_TEXT_BYTES];	       /* what to do */
	size_t nr_steps;		       /* instructions interpreted */
	bool is_placed;
};

/* What is kept from one module to the next. Zeroed: nothing yet. */
struct preflight_kept {
	struct forms forms; /* the instructions met so far */
	bool has_forms;
	struct dryrun_machine machine;
};

/* What the module's surroundings give it. */
struct preflight_context {
	const char *const *words; /* "name=value", as for insmod */
	size_t nr_words;
	size_t nr_configured; /* the first of them, which modprobe.d gives */
	bool is_loose;	      /* not installed: what insmod alone does to it is told */
	const struct judge_unmet *unmet; /* needed modules that cannot be had */
	size_t nr_unmet;
	const struct dryrun_options *dry_run; /* NULL: none is wanted */
	const struct models *models;
	const char *no_dry_run; /* why there can be none, or NULL */
	const char *unseen; /* what could not be seen, so that it cannot be clean; NULL */
};

/* preflight_module - would this module write to sealed memory?
 *
 * @kept: must outlive @ret. @file: parsed; must outlive @ret.
 * @space: with the modules that it needs in space->needed; space->mod is set to the
 * module until preflight_close(). Returns 0, or -errno with @err filled.
 */
int preflight_module(struct preflight *ret, struct preflight_kept *kept,
		     struct addrspace *space, struct kofile *file,
		     const struct preflight_context *context, struct error *err);
void preflight_close(struct preflight *preflight, struct addrspace *space);
void preflight_kept_close(struct preflight_kept *kept);

#endif
