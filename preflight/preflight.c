/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One module file, looked at from all sides. */
#include "preflight/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "preflight/judge_dryrun.h"
#include "preflight/judge_dataflow.h"
#include "preflight/judge_load.h"
#include "preflight/judge_data.h"

static int prepare(struct inspect *inspect, struct space *space,
		   const struct inspect_context *context)
{
	struct file *file = inspect->file;
	int r = place_layout(&inspect->place, file);

	if (r < 0)
		return r;
	inspect->is_placed = true;
	place_move(&inspect->place, space->room, 0);
	space->place = &inspect->place;
	r = place_resolve(&inspect->place, space_resolve, space);
	if (r == 0)
		r = place_load(&inspect->place);
	if (r == 0)
		r = parameters_read(&inspect->parameters, &inspect->place, context->words,
				    context->nr_words);
	if (r == 0)
		r = code_decode(&inspect->code, &inspect->place, &space->forms);
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
static int dry_run(struct inspect *inspect, struct space *space,
		   const struct inspect_context *context)
{
	struct dryrun *dryrun = &inspect->dryrun;
	const char *why = context->no_dry_run;
	int r;

	if (space_is_loaded(space, inspect->file->module_name))
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
		evidence_judge(&inspect->findings, space, dryrun);
	return r;
}

static void decide(struct inspect *inspect, bool was_bounded)
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

int inspect_module(struct inspect *ret, struct space *space, struct file *file,
		   const struct inspect_context *context, struct error *err)
{
	struct flow_events events = {0};
	int r;

	*ret = (struct inspect){.file = file};
	r = prepare(ret, space, context);
	if (r == 0)
		r = flow_run(&events, space, &ret->code, &ret->parameters);
	if (r < 0) {
		inspect_close(ret, space);
		if (r == -EFBIG)
			return error_set(err, ERROR_FILE, r,
					 "%s: larger than the kernel's module area",
					 file->path);
		return error_set(err, ERROR_INTERNAL, r, "%s: %s", file->path,
				 strerror(-r));
	}
	judge_events(&ret->findings, space, &ret->code, &ret->parameters, &events);
	suspicion_check(&ret->findings, space, &ret->parameters, &events);
	refuse_check(&ret->findings, space, context->unmet, context->nr_unmet);
	ret->nr_steps = events.nr_steps;
	if (dry_run(ret, space, context) < 0)
		ret->findings.has_failed = true;
	decide(ret, events.was_bounded);
	finding_add_lines(&ret->findings, file);
	flow_events_free(&events);
	if (ret->findings.has_failed) {
		inspect_close(ret, space);
		return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s: no memory",
				 file->path);
	}
	return 0;
}

void inspect_close(struct inspect *inspect, struct space *space)
{
	finding_free(&inspect->findings);
	dryrun_close(&inspect->dryrun);
	code_close(&inspect->code);
	parameters_free(&inspect->parameters);
	if (inspect->is_placed)
		place_close(&inspect->place);
	space->place = NULL;
	inspect->is_placed = false;
}
