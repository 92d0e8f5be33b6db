/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of a trial, beside what was predicted. */
#include "cmd/preflight_trial.h"

#include <errno.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/text.h"

static const char *const agreement_names[] = {
	[TRIAL_NOT_COMPARED] = "not-compared",
	[TRIAL_AGREES] = "agrees",
	[TRIAL_DISAGREES] = "disagrees",
};

const char *preflight_trial_agreement(enum trial_agreement agreement)
{
	return agreement_names[agreement];
}

/* Nothing was tried of the module itself where another had to come first and did not. */
static bool lacks_needed(const struct trial_outcome *outcome)
{
	return outcome->load.end == TRIAL_NOT_DONE && *outcome->needed;
}

const char *preflight_trial_outcome(const struct trial_result *result)
{
	if (lacks_needed(&result->outcome))
		return "not-loaded";
	return result->outcome.load.end == TRIAL_NOT_DONE
		       ? "not-run"
		       : trial_end_name(result->outcome.load.end);
}

static bool is_refused(const struct preflight *preflight)
{
	for (size_t i = 0; i < preflight->findings.nr; i++)
		if (preflight->findings.array[i].verdict == FINDING_REFUSED)
			return true;
	return false;
}

/* Did the kernel come to grief while it was loaded? */
static bool has_oopsed(const struct trial_outcome *outcome)
{
	enum trial_end end = lacks_needed(outcome) ? outcome->need.end
						   : outcome->load.end;

	return end == TRIAL_DIED || end == TRIAL_PANICKED ||
	       (*outcome->oops && !outcome->is_oops_of_unload);
}

/* What insmod got; false: nothing. */
static bool has_returned(const struct trial_outcome *outcome, int *ret)
{
	const struct trial_call *call = lacks_needed(outcome) ? &outcome->need
							      : &outcome->load;

	*ret = call->value;
	return call->end == TRIAL_RETURNED && !has_oopsed(outcome);
}

static enum trial_agreement disagree(struct trial_result *ret, const char *predicted)
{
	snprintf(ret->why, sizeof(ret->why), "%s", predicted);
	return TRIAL_DISAGREES;
}

static enum trial_agreement compare_refused(struct trial_result *ret)
{
	int value;

	return has_returned(&ret->outcome, &value) && value < 0
		       ? TRIAL_AGREES
		       : disagree(ret, "the kernel refuses it");
}

static enum trial_agreement compare_fault(struct trial_result *ret,
					  const struct dryrun *dryrun)
{
	const struct trial_outcome *outcome = &ret->outcome;
	int value;

	if (dryrun->phase <= DRYRUN_INIT)
		return has_oopsed(outcome) ? TRIAL_AGREES
					   : disagree(ret, "loading it faults");
	if (!has_returned(outcome, &value) || value != 0)
		return disagree(ret, "init returns 0");
	if (dryrun->phase != DRYRUN_EXIT)
		return TRIAL_AGREES; /* that function was not called */
	return outcome->unload.end == TRIAL_DIED ||
			       outcome->unload.end == TRIAL_PANICKED ||
			       outcome->is_oops_of_unload
		       ? TRIAL_AGREES
		       : disagree(ret, "unloading it faults");
}

static enum trial_agreement compare_value(struct trial_result *ret,
					  const struct dryrun *dryrun)
{
	const struct trial_outcome *outcome = &ret->outcome;
	char predicted[128];
	int value;

	snprintf(predicted, sizeof(predicted), "%s%.60s %d",
		 dryrun->needed ?: "loading it",
		 dryrun->needed ? ", which it needs, gives" : " gives", dryrun->value);
	if (!has_returned(outcome, &value) || value != dryrun->value)
		return disagree(ret, predicted);
	if (dryrun->phase == DRYRUN_EXIT && value == 0 &&
	    (outcome->unload.end > TRIAL_RETURNED || outcome->is_oops_of_unload))
		return disagree(ret, "unloading it returns");
	return TRIAL_AGREES;
}

static enum trial_agreement not_compared(struct trial_result *ret, const char *why)
{
	snprintf(ret->why, sizeof(ret->why), "%s", why);
	return TRIAL_NOT_COMPARED;
}

static enum trial_agreement compare(struct trial_result *ret,
				    const struct preflight *preflight)
{
	const struct dryrun *dryrun = preflight ? &preflight->dryrun : NULL;

	if (ret->trial->error.code)
		return not_compared(ret, ret->trial->error.message);
	if (ret->outcome.load.end == TRIAL_NOT_DONE && !lacks_needed(&ret->outcome))
		return not_compared(ret, "the machine did not come to the module");
	if (*ret->trial->unlike)
		return not_compared(ret, ret->trial->unlike);
	if (!preflight)
		return not_compared(ret, "nothing was predicted");
	if (is_refused(preflight))
		return compare_refused(ret);
	if (dryrun->outcome == DRYRUN_FAULT)
		return compare_fault(ret, dryrun);
	if (dryrun->outcome == DRYRUN_RETURNED && dryrun->has_value)
		return compare_value(ret, dryrun);
	return not_compared(ret, dryrun->outcome == DRYRUN_NOT_RUN
					 ? "there was no dry run"
					 : "the dry run is undecided");
}

void preflight_trial(struct trial_result *ret, const struct trial *trial,
		     const struct preflight *preflight)
{
	*ret = (struct trial_result){.trial = trial};
	if (trial->console)
		trial_read(&ret->outcome, trial->console, trial->has_ended);
	ret->agreement = compare(ret, preflight);
}

static void print_call(FILE *out, const char *what, const struct trial_call *call)
{
	switch (call->end) {
	case TRIAL_RETURNED:
		fprintf(out, "%s gives %d", what, call->value);
		if (call->value)
			fprintf(out, " (%s)", strerror(-call->value));
		break;
	case TRIAL_DIED:
		fprintf(out, "%s oopses", what);
		break;
	case TRIAL_PANICKED:
		fprintf(out, "%s makes the kernel panic", what);
		break;
	default:
		fprintf(out, "%s does not come back", what);
	}
}

void preflight_trial_words(FILE *out, const struct trial_result *result)
{
	const struct trial_outcome *outcome = &result->outcome;

	if (lacks_needed(outcome)) {
		text_safe(out, outcome->needed);
		print_call(out, ", which it needs,", &outcome->need);
	} else if (outcome->load.end == TRIAL_NOT_DONE) {
		fputs("not run", out);
	} else {
		print_call(out, "loading it", &outcome->load);
	}
	if (outcome->unload.end != TRIAL_NOT_DONE)
		print_call(out, ", unloading", &outcome->unload);
	if (result->agreement == TRIAL_AGREES) {
		fputs(": as predicted", out);
		return;
	}
	fputs(result->agreement == TRIAL_DISAGREES ? ": NOT AS PREDICTED, which was: "
						   : ": not compared: ",
	      out);
	text_safe(out, result->why);
}

static void print_line(FILE *out, const char *line)
{
	fputs("    ", out);
	text_safe(out, line);
	fputc('\n', out);
}

/* How many of the warnings are kept. */
static size_t nr_kept(const struct trial_outcome *outcome)
{
	return outcome->nr_warnings < TRIAL_MAX_WARNINGS ? outcome->nr_warnings
							 : TRIAL_MAX_WARNINGS;
}

void preflight_trial_text(FILE *out, const struct trial_result *result)
{
	const struct trial_outcome *outcome = &result->outcome;
	char letters[64];

	fputs("  trial: ", out);
	preflight_trial_words(out, result);
	fputc('\n', out);
	if (*outcome->oops)
		print_line(out, outcome->oops);
	for (size_t i = 0; i < nr_kept(outcome); i++)
		print_line(out, outcome->warnings[i]);
	if (outcome->nr_warnings > nr_kept(outcome))
		fprintf(out, "    and %zu more warnings\n",
			outcome->nr_warnings - nr_kept(outcome));
	trial_taint_letters(outcome->taint_before, outcome->taint_after, letters);
	if (*letters)
		fprintf(out, "    taints the kernel: %s\n", letters);
}

static json_t *call_object(const struct trial_call *call)
{
	if (call->end == TRIAL_NOT_DONE)
		return json_null();
	return json_pack("{s:s, s:o}", "outcome", trial_end_name(call->end), "return",
			 call->end == TRIAL_RETURNED ? json_integer(call->value)
						     : json_null());
}

json_t *preflight_trial_json(const struct trial_result *result)
{
	const struct trial_outcome *outcome = &result->outcome;
	json_t *warnings = json_array();
	char letters[64];
	int value;

	for (size_t i = 0; i < nr_kept(outcome); i++)
		json_array_append_new(warnings, json_text(outcome->warnings[i]));
	trial_taint_letters(outcome->taint_before, outcome->taint_after, letters);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o}", "outcome",
			 preflight_trial_outcome(result), "return",
			 has_returned(outcome, &value) ? json_integer(value)
						       : json_null(),
			 "needed_module",
			 lacks_needed(outcome) ? json_text(outcome->needed) : json_null(),
			 "unload", call_object(&outcome->unload), "oops_line",
			 *outcome->oops ? json_text(outcome->oops) : json_null(),
			 "warning_lines", warnings, "taint", letters, "agreement",
			 preflight_trial_agreement(result->agreement), "reason",
			 json_text(result->why));
}
