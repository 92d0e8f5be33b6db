/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preflight judges one module file. */
#include "preflight/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "module/relocate.h"
#include "preflight/judge_branches.h"
#include "preflight/judge_btf.h"
#include "preflight/judge_dryrun.h"
#include "preflight/judge_dataflow.h"
#include "preflight/judge_data.h"
#include "preflight/judge_parameters.h"
#include "preflight/judge_signature.h"

static int open_forms(struct preflight_kept *kept)
{
	int r = kept->has_forms ? 0 : forms_open(&kept->forms);

	kept->has_forms = r == 0;
	return r;
}

static int prepare(struct preflight *preflight, struct preflight_kept *kept,
		   struct addrspace *space, const struct preflight_context *context)
{
	int r = modimage_layout(&preflight->mod, preflight->file, &space->section_rules);

	if (r < 0)
		return r;
	preflight->is_placed = true;
	modimage_move(&preflight->mod, space->room, 0);
	space->mod = &preflight->mod;
	r = relocate_resolve(&preflight->mod, addrspace_resolve, space);
	if (r == 0)
		r = relocate_load(&preflight->mod);
	if (r == 0)
		r = parameters_read(&preflight->parameters, &preflight->mod,
				    context->words, context->nr_words);
	if (r == 0)
		r = open_forms(kept);
	if (r == 0)
		r = code_decode(&preflight->code, &preflight->mod, &kept->forms);
	return r;
}

/* A parameter's value is judged by the dry run, too. */
static bool is_refused(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].verdict == FINDING_REFUSED &&
		    !judge_parameters_is_refusal(&findings->array[i]))
			return true;
	return false;
}

/* Where a symbol is missing there is nothing that the module could call. */
static bool is_incomplete(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].verdict == FINDING_UNDECIDED &&
		    strcmp(findings->array[i].kind, "unknown-symbol") == 0)
			return true;
	return false;
}

/* The module is run, unless nobody wants it or none of its code would run. */
static int dry_run(struct preflight *preflight, struct preflight_kept *kept,
		   struct addrspace *space, const struct preflight_context *context)
{
	struct dryrun *dryrun = &preflight->dryrun;
	const char *why = context->no_dry_run;
	int r;

	if (is_incomplete(&preflight->findings))
		why = "a symbol is missing that it, or a module that it needs, is linked to";
	if (is_refused(&preflight->findings))
		why = "the kernel would refuse to load it";
	if (!context->dry_run)
		why = "the code was read, not run";
	if (why) {
		snprintf(dryrun->why, sizeof(dryrun->why), "%s", why);
		return 0;
	}
	r = dryrun_run(dryrun, &kept->machine, space, context->models, context->dry_run,
		       context->words, context->nr_words);
	if (r < 0)
		return r;
	judge_dryrun(&preflight->findings, space, dryrun);
	return runnames_find(&preflight->names, space, dryrun);
}

/* Parameters that the user did not name. */
static void tell_configured(struct findings *findings,
			    const struct preflight_context *context)
{
	struct finding *finding;
	size_t used;

	if (context->nr_configured == 0)
		return;
	finding = finding_add(findings, FINDING_CLEAN, "configured-parameter");
	if (!finding)
		return;
	finding->is_always_told = true;
	finding_note(finding, "modprobe.d or the kernel's command line gives it");
	for (size_t i = 0; i < context->nr_configured; i++) {
		used = strlen(finding->note);
		snprintf(finding->note + used, sizeof(finding->note) - used, " %s",
			 context->words[i]);
	}
}

/* The verdict, why it is undecided, and what made it. */
static enum advice_cause decide(struct preflight *preflight, const char *unseen,
				bool was_bounded)
{
	struct findings *findings = &preflight->findings;
	enum advice_cause cause = ADVICE_FINDINGS;

	preflight->verdict = findings->nr ? findings->array[0].verdict : FINDING_CLEAN;
	if (preflight->verdict < FINDING_UNDECIDED)
		return cause;
	if (preflight->verdict == FINDING_UNDECIDED)
		snprintf(preflight->reason, sizeof(preflight->reason), "%s",
			 findings->array[0].note);
	if (preflight->verdict == FINDING_CLEAN && unseen) {
		preflight->verdict = FINDING_UNDECIDED;
		cause = ADVICE_UNSEEN;
		snprintf(preflight->reason, sizeof(preflight->reason),
			 "nothing was found, but not all can be seen: %s", unseen);
	}
	if (preflight->dryrun.outcome == DRYRUN_UNDECIDED) {
		preflight->verdict = FINDING_UNDECIDED;
		cause = ADVICE_DRY_RUN;
		snprintf(preflight->reason, sizeof(preflight->reason),
			 "the dry run of %s stopped: %s; nothing was found in the code",
			 dryrun_phase_name(preflight->dryrun.phase),
			 preflight->dryrun.why);
	}
	if (!was_bounded)
		return cause;
	preflight->verdict = FINDING_UNDECIDED;
	snprintf(
		preflight->reason, sizeof(preflight->reason),
		"the code takes more steps to follow than are allowed; nothing was found "
		"in what was seen");
	return ADVICE_BOUNDED;
}

static void conclude(struct preflight *preflight, const char *unseen, bool was_bounded)
{
	enum advice_cause cause;

	finding_sort(&preflight->findings);
	cause = decide(preflight, unseen, was_bounded);
	advice_write(preflight->advice, preflight->verdict, cause, &preflight->findings,
		     &preflight->dryrun);
}

/* What the module's own code would have to know of a kernel that was not booted. */
static const char *unseen_of(const struct addrspace *space)
{
	if (space->lacks_pointer)
		return "what a sealed pointer of the kernel that it reads leads to: the "
		       "kernel fills it in while it boots, which it was not";
	return space->lacks_place
		       ? "what lies at an address that it uses: the kernel decides that "
			 "while it boots, which it was not"
		       : NULL;
}

int preflight_module(struct preflight *ret, struct preflight_kept *kept,
		     struct addrspace *space, struct kofile *file,
		     const struct preflight_context *context, struct error *err)
{
	struct flow_events events = {0};
	int r;

	*ret = (struct preflight){.file = file};
	space->lacks_pointer = space->lacks_place = false;
	r = prepare(ret, kept, space, context);
	if (r == 0)
		r = flow_run(&events, space, &ret->code, &ret->parameters);
	if (r < 0) {
		preflight_close(ret, space);
		if (r == -EFBIG)
			return error_set(err, ERROR_FILE, r,
					 "%s: larger than the kernel's module area",
					 file->path);
		return error_set(err, ERROR_INTERNAL, r, "%s: %s", file->path,
				 strerror(-r));
	}
	judge_dataflow(&ret->findings, space, &ret->code, &ret->parameters, &events);
	judge_data(&ret->findings, space, &ret->parameters, &events);
	judge_signature(&ret->findings, space, &ret->signature);
	judge_branches(&ret->findings, space);
	judge_btf(&ret->findings, space);
	judge_load(&ret->findings, space, context->unmet, context->nr_unmet);
	if (context->is_loose)
		judge_order(&ret->findings, space);
	tell_configured(&ret->findings, context);
	judge_parameters(&ret->findings, space, &ret->parameters);
	ret->nr_steps = events.nr_steps;
	if (dry_run(ret, kept, space, context) < 0)
		ret->findings.has_failed = true;
	judge_parameters_settle(&ret->findings, space, &ret->parameters, &ret->dryrun);
	conclude(ret, context->unseen ?: unseen_of(space), events.was_bounded);
	finding_add_lines(&ret->findings, file);
	ret->abilities = abilities_find(space, &events, &ret->findings);
	events_free(&events);
	if (ret->findings.has_failed) {
		preflight_close(ret, space);
		return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s: no memory",
				 file->path);
	}
	return 0;
}

void preflight_close(struct preflight *preflight, struct addrspace *space)
{
	finding_free(&preflight->findings);
	runnames_free(&preflight->names);
	dryrun_close(&preflight->dryrun);
	code_close(&preflight->code);
	parameters_free(&preflight->parameters);
	if (preflight->is_placed)
		modimage_close(&preflight->mod);
	space->mod = NULL;
	preflight->is_placed = false;
}

void preflight_kept_close(struct preflight_kept *kept)
{
	if (kept->has_forms)
		forms_close(&kept->forms);
	dryrun_machine_close(&kept->machine);
	memset(kept, 0, sizeof(*kept));
}
