/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One module file, looked at from all sides. */
#include "preflight/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "module/relocate.h"
#include "preflight/judge_dryrun.h"
#include "preflight/judge_dataflow.h"
#include "preflight/judge_load.h"
#include "preflight/judge_data.h"

static int prepare(struct preflight *inspect, struct addrspace *space,
		   const struct preflight_context *context)
{
	struct kofile *file = inspect->file;
	int r = modimage_layout(&inspect->mod, file);

	if (r < 0)
		return r;
	inspect->is_placed = true;
	modimage_move(&inspect->mod, space->room, 0);
	space->mod = &inspect->mod;
	r = relocate_resolve(&inspect->mod, addrspace_resolve, space);
	if (r == 0)
		r = relocate_load(&inspect->mod);
	if (r == 0)
		r = parameters_read(&inspect->parameters, &inspect->mod, context->words,
				    context->nr_words);
	if (r == 0)
		r = code_decode(&inspect->code, &inspect->mod, &space->forms);
	return r;
}

static bool is_refused(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].verdict == FINDING_REFUSED)
			return true;
	return false;
}

/* The module is run, unless nobody wants it or none of its code would run. */
static int dry_run(struct preflight *inspect, struct addrspace *space,
		   const struct preflight_context *context)
{
	struct dryrun *dryrun = &inspect->dryrun;
	const char *why = context->no_dry_run;
	int r;

	if (addrspace_is_loaded(space, inspect->file->module_name))
		why = "a module of that name is loaded: insmod gets EEXIST";
	if (is_refused(&inspect->findings))
		why = "the kernel would refuse to load it";
	if (!context->dry_run)
		why = "the code was read, not run";
	if (why) {
		snprintf(dryrun->why, sizeof(dryrun->why), "%s", why);
		return 0;
	}
	r = dryrun_run(dryrun, context->kept, space, context->models, context->dry_run,
		       context->words, context->nr_words);
	if (r == 0)
		judge_dryrun(&inspect->findings, space, dryrun);
	return r;
}

static void decide(struct preflight *inspect, bool was_bounded)
{
	struct findings *findings = &inspect->findings;

	finding_sort(findings);
	inspect->verdict = findings->nr ? findings->array[0].verdict : FINDING_CLEAN;
	if (inspect->verdict < FINDING_UNDECIDED)
		return;
	if (inspect->dryrun.outcome == DRYRUN_UNDECIDED) {
		inspect->verdict = FINDING_UNDECIDED;
		snprintf(inspect->reason, sizeof(inspect->reason),
			 "the dry run of %s stopped: %s; nothing was found in the code",
			 dryrun_phase_name(inspect->dryrun.phase), inspect->dryrun.why);
	}
	if (!was_bounded)
		return;
	inspect->verdict = FINDING_UNDECIDED;
	snprintf(
		inspect->reason, sizeof(inspect->reason),
		"the code takes more steps to follow than are allowed; nothing was found "
		"in what was seen");
}

int preflight_module(struct preflight *ret, struct addrspace *space, struct kofile *file,
		     const struct preflight_context *context, struct error *err)
{
	struct flow_events events = {0};
	int r;

	*ret = (struct preflight){.file = file};
	r = prepare(ret, space, context);
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
	judge_load(&ret->findings, space, context->unmet, context->nr_unmet);
	ret->nr_steps = events.nr_steps;
	if (dry_run(ret, space, context) < 0)
		ret->findings.has_failed = true;
	decide(ret, events.was_bounded);
	finding_add_lines(&ret->findings, file);
	flow_events_free(&events);
	if (ret->findings.has_failed) {
		preflight_close(ret, space);
		return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s: no memory",
				 file->path);
	}
	return 0;
}

void preflight_close(struct preflight *inspect, struct addrspace *space)
{
	finding_free(&inspect->findings);
	dryrun_close(&inspect->dryrun);
	code_close(&inspect->code);
	parameters_free(&inspect->parameters);
	if (inspect->is_placed)
		modimage_close(&inspect->mod);
	space->mod = NULL;
	inspect->is_placed = false;
}
