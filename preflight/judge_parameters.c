/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for what the kernel makes of the parameters given. */
#include "preflight/judge_parameters.h"

#include <errno.h>
#include <string.h>

#include "kcore/nearest.h"

static const char refusal_kind[] = "parameter";

static const char *errno_name(int errnum)
{
	static const struct {
		int errnum;
		const char *name;
	} names[] = {
		{EINVAL, "EINVAL"}, {ERANGE, "ERANGE"}, {ENOSPC, "ENOSPC"},
		{EPERM, "EPERM"},   {ENOENT, "ENOENT"}, {EROFS, "EROFS"},
		{ENOMEM, "ENOMEM"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].errnum == errnum)
			return names[i].name;
	return "error";
}

bool judge_parameters_is_refusal(const struct finding *finding)
{
	return finding->verdict == FINDING_REFUSED &&
	       strcmp(finding->kind, refusal_kind) == 0;
}

/* How much of the value the kernel shows: param_array() ends it behind the first element
 * while it goes through them.
 */
static int shown_bytes(const struct argument *argument)
{
	static const size_t MAX_SHOWN = 80;
	size_t bytes = argument->value ? strlen(argument->value) : 0;

	if (argument->parameter && argument->value &&
	    strcmp(argument->parameter->ops, "param_array_ops") == 0)
		bytes = strcspn(argument->value, ",");
	return (int)(bytes < MAX_SHOWN ? bytes : MAX_SHOWN);
}

/* kernel/params.c:parse_args() logs it in these words; insmod has those of the errno. */
static void refuse(struct findings *findings, const char *module,
		   const struct argument *argument, int errnum)
{
	struct finding *finding = finding_add(findings, FINDING_REFUSED, refusal_kind);

	if (!finding)
		return;
	if (argument)
		finding_note(finding, "%.56s: `%.*s' %s for parameter `%.56s'", module,
			     shown_bytes(argument),
			     argument->value ? argument->value : "",
			     errnum == ENOSPC ? "too large" : "invalid", argument->name);
	else
		finding_note(finding, "%.56s: a parameter's value is rejected", module);
	finding_note(finding, "insmod fails with %s (%d): %s; init will not run",
		     errno_name(errnum), -errnum, strerror(errnum));
}

/* kernel/module/main.c:unknown_module_param_cb() takes these two for itself. */
static bool is_taken_by_loader(const char *name)
{
	return strcmp(name, "async_probe") == 0 || strcmp(name, "dyndbg") == 0;
}

static void tell_unknown(struct findings *findings, const char *module,
			 const struct parameters *parameters, const char *name)
{
	struct nearest nearest = {.name = name};
	char guess[NEAREST_GUESS_BYTES];
	struct finding *finding = finding_add(findings, FINDING_CLEAN,
					      "unknown-parameter");

	if (!finding)
		return;
	for (size_t i = 0; i < parameters->nr; i++)
		nearest_offer(&nearest, parameters->array[i].name);
	nearest_guess(&nearest, guess);
	finding->is_always_told = true;
	finding_note(finding, "%.56s: unknown parameter '%.80s' ignored%.160s", module,
		     name, guess);
}

void judge_parameters(struct findings *findings, const struct addrspace *space,
		      const struct parameters *parameters)
{
	const char *module = space->mod->file->module_name;

	for (size_t i = 0; i < parameters->nr_arguments; i++) {
		const struct argument *argument = &parameters->arguments[i];
		const struct parameter *parameter = argument->parameter;

		if (!parameter && !is_taken_by_loader(argument->name))
			tell_unknown(findings, module, parameters, argument->name);
		else if (parameter && parameter->flags & PARAMETER_HARDWARE &&
			 space->policy.is_locked_down)
			refuse(findings, module, argument, EPERM);
		else if (parameter && argument->status == PARAMVALUE_REJECTED)
			refuse(findings, module, argument, argument->errnum);
	}
}

/* Keeps those that @keep says. */
static void filter(struct findings *findings, bool (*keep)(const struct finding *))
{
	size_t nr = 0;

	for (size_t i = 0; i < findings->nr; i++)
		if (keep(&findings->array[i]))
			findings->array[nr++] = findings->array[i];
	findings->nr = nr;
}

static bool is_no_refusal(const struct finding *finding)
{
	return !judge_parameters_is_refusal(finding);
}

/* What does not rest on the module's init: the loader's part, and the parameter's
 * variable that the kernel itself writes before it comes to the rejected value.
 */
static bool holds_without_init(const struct finding *finding)
{
	return finding->verdict == FINDING_REFUSED || finding->verdict == FINDING_CLEAN ||
	       finding->is_dry_run || finding->is_confirmed ||
	       strcmp(finding->kind, refusal_kind) == 0;
}

/* The values that only the dry run can judge. */
static size_t find_untested(const struct parameters *parameters,
			    const struct argument **ret)
{
	size_t nr = 0;

	for (size_t i = 0; i < parameters->nr_arguments; i++)
		if (parameters->arguments[i].parameter &&
		    parameters->arguments[i].status == PARAMVALUE_NOT_TESTED) {
			*ret = &parameters->arguments[i];
			nr++;
		}
	return nr;
}

static bool runs_own_code(const struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->nr_arguments; i++)
		if (parameters->arguments[i].parameter &&
		    parameters->arguments[i].parameter->handler)
			return true;
	return false;
}

static bool has_refusal(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (judge_parameters_is_refusal(&findings->array[i]))
			return true;
	return false;
}

static void drop_code(struct findings *findings, bool own_code_may_run)
{
	if (!own_code_may_run) {
		filter(findings, holds_without_init);
		return;
	}
	for (size_t i = 0; i < findings->nr; i++) {
		struct finding *finding = &findings->array[i];

		if (holds_without_init(finding))
			continue;
		finding->verdict = FINDING_UNDECIDED;
		finding_note(finding, "init will not run; only the set function of a "
				      "parameter could come here");
	}
}

static void tell_untested(struct findings *findings, const struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->nr_arguments; i++) {
		const struct argument *argument = &parameters->arguments[i];
		struct finding *finding;

		if (!argument->parameter || argument->status != PARAMVALUE_NOT_TESTED)
			continue;
		finding = finding_add(findings, FINDING_UNDECIDED, refusal_kind);
		if (finding)
			finding_note(
				finding,
				"whether parameter '%.56s' takes '%.80s' was not "
				"tested: only a dry run of its set function (%.60s) "
				"could tell",
				argument->name, argument->value ? argument->value : "",
				argument->parameter->handler ? "the module's own"
				: *argument->parameter->ops  ? argument->parameter->ops
							     : "not known");
	}
}

void judge_parameters_settle(struct findings *findings, const struct addrspace *space,
			     const struct parameters *parameters,
			     const struct dryrun *dryrun)
{
	const struct argument *untested = NULL;
	size_t nr_untested = find_untested(parameters, &untested);
	bool has_faulted = dryrun->outcome == DRYRUN_FAULT &&
			   dryrun->phase == DRYRUN_PARAMETERS;

	if (dryrun->has_parsed && dryrun->parsed >= 0)
		filter(findings, is_no_refusal);
	else if (dryrun->has_parsed && !has_refusal(findings))
		refuse(findings, space->mod->file->module_name,
		       nr_untested == 1 ? untested : NULL, -dryrun->parsed);
	if (has_refusal(findings))
		drop_code(findings, !dryrun->has_parsed && runs_own_code(parameters));
	else if (!dryrun->has_parsed && !has_faulted)
		tell_untested(findings, parameters);
}
