/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was predicted against what a guest's console says. */
#include "cmd/preflight_trial.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "kwcheck-trial: "
#define BEGIN MARK "taint 0\n"
#define LOADED(what) BEGIN MARK "load\n" MARK "loaded " what "\n"
#define UNLOADED(what) LOADED("0") MARK "unload\n" MARK "unloaded " what "\n"
#define OOPS "[    1.0] BUG: unable to handle page fault for address: 1\n"

static const struct dryrun
	no_run = {.outcome = DRYRUN_NOT_RUN},
	undecided = {.outcome = DRYRUN_UNDECIDED},
	gives_0 = {.outcome = DRYRUN_RETURNED, .phase = DRYRUN_INIT, .has_value = true},
	gives_19 = {.outcome = DRYRUN_RETURNED,
		    .phase = DRYRUN_INIT,
		    .has_value = true,
		    .value = -19},
	needs_19 = {.outcome = DRYRUN_RETURNED,
		    .phase = DRYRUN_INIT,
		    .has_value = true,
		    .value = -19,
		    .needed = "base"},
	exits = {.outcome = DRYRUN_RETURNED, .phase = DRYRUN_EXIT, .has_value = true},
	faults = {.outcome = DRYRUN_FAULT, .phase = DRYRUN_INIT},
	faults_in_exit = {.outcome = DRYRUN_FAULT, .phase = DRYRUN_EXIT};

static const struct {
	const char *name;
	const struct dryrun *dryrun;
	bool is_refused;
	const char *console;
	bool is_stopped; /* the machine */
	enum trial_agreement agreement;
} cases[] = {
	{"0", &gives_0, false, UNLOADED("0"), false, TRIAL_AGREES},
	{"0, and it stays", &gives_0, false, UNLOADED("-16"), false, TRIAL_AGREES},
	{"0, really -19", &gives_0, false, LOADED("-19"), false, TRIAL_DISAGREES},
	{"0, really an oops", &gives_0, false,
	 BEGIN MARK "load\n" OOPS MARK "loaded died\n", false, TRIAL_DISAGREES},
	{"0, but a thread of it oopses", &gives_0, false,
	 BEGIN MARK "load\n" OOPS MARK "loaded 0\n", false, TRIAL_DISAGREES},
	{"0, it does not come back", &gives_0, false, LOADED("hung"), false,
	 TRIAL_DISAGREES},
	{"0, the oops is the unload's", &gives_0, false,
	 LOADED("0") MARK "unload\n" OOPS MARK "unloaded died\n", false, TRIAL_AGREES},
	{"-19", &gives_19, false, LOADED("-19"), false, TRIAL_AGREES},
	{"-19, really 0", &gives_19, false, UNLOADED("0"), false, TRIAL_DISAGREES},
	{"a needed one's", &needs_19, false, BEGIN MARK "need base -19\n", false,
	 TRIAL_AGREES},
	{"a needed one's, another value", &needs_19, false, BEGIN MARK "need base -2\n",
	 false, TRIAL_DISAGREES},
	{"exit returns", &exits, false, UNLOADED("0"), false, TRIAL_AGREES},
	{"exit returns, really an oops", &exits, false, UNLOADED("died"), false,
	 TRIAL_DISAGREES},
	{"a fault", &faults, false, LOADED("died"), false, TRIAL_AGREES},
	{"a fault, a kernel that panics then", &faults, false,
	 BEGIN MARK "load\n" OOPS "Kernel panic - not syncing: x\n", true, TRIAL_AGREES},
	{"a fault, really none", &faults, false, UNLOADED("0"), false, TRIAL_DISAGREES},
	{"a fault, really a hang", &faults, false, LOADED("hung"), false,
	 TRIAL_DISAGREES},
	{"a fault in exit", &faults_in_exit, false, UNLOADED("died"), false,
	 TRIAL_AGREES},
	{"a fault in exit, really none", &faults_in_exit, false, UNLOADED("0"), false,
	 TRIAL_DISAGREES},
	{"a fault in exit, really in init", &faults_in_exit, false, LOADED("died"), false,
	 TRIAL_DISAGREES},
	{"refused", &no_run, true, LOADED("-8"), false, TRIAL_AGREES},
	{"refused, really taken", &no_run, true, UNLOADED("0"), false, TRIAL_DISAGREES},
	{"no dry run", &no_run, false, UNLOADED("0"), false, TRIAL_NOT_COMPARED},
	{"undecided", &undecided, false, LOADED("died"), false, TRIAL_NOT_COMPARED},
	{"no trial", &gives_0, false, BEGIN, true, TRIAL_NOT_COMPARED},
	{"silence", &gives_0, false, "", true, TRIAL_NOT_COMPARED},
};

Test(cmd_preflight_trial, compared)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct finding refused = {.verdict = FINDING_REFUSED};
		const struct preflight preflight = {
			.dryrun = *cases[i].dryrun,
			.findings = {.array = &refused, .nr = cases[i].is_refused},
		};
		const struct trial trial = {.console = (char *)cases[i].console,
					    .has_ended = !cases[i].is_stopped};
		struct trial_result result;

		preflight_trial(&result, &trial, &preflight);
		cr_expect_eq(result.agreement, cases[i].agreement, "%s: %s, %s",
			     cases[i].name, preflight_trial_agreement(result.agreement),
			     result.why);
		cr_expect_eq(!*result.why, result.agreement == TRIAL_AGREES, "%s",
			     cases[i].name);
	}
}

Test(cmd_preflight_trial, what_is_not_alike_is_not_compared)
{
	const struct preflight preflight = {.dryrun = gives_0};
	struct trial trial = {.console = (char *)LOADED("-19"),
			      .has_ended = true,
			      .unlike = "modprobe would run a command"};
	struct trial_result result;

	preflight_trial(&result, &trial, &preflight);
	cr_expect_eq(result.agreement, TRIAL_NOT_COMPARED);
	cr_expect_str_eq(result.why, trial.unlike);
	trial = (struct trial){.error = {.code = ERROR_NO_BOOT, .message = "no boot"}};
	preflight_trial(&result, &trial, &preflight);
	cr_expect_eq(result.agreement, TRIAL_NOT_COMPARED);
	cr_expect_str_eq(preflight_trial_outcome(&result), "not-run");
	cr_expect_str_eq(result.why, "no boot");
	trial = (struct trial){.console = (char *)LOADED("0"), .has_ended = true};
	preflight_trial(&result, &trial, NULL);
	cr_expect_eq(result.agreement, TRIAL_NOT_COMPARED);
}

static void expect_text(const char *console, const struct dryrun *dryrun,
			const char *expected)
{
	const struct preflight preflight = {.dryrun = *dryrun};
	const struct trial trial = {.console = (char *)console, .has_ended = true};
	struct trial_result result;
	char *text = NULL;
	size_t nr;
	FILE *out = open_memstream(&text, &nr);

	preflight_trial(&result, &trial, &preflight);
	preflight_trial_text(out, &result);
	fclose(out);
	cr_expect_str_eq(text, expected);
	free(text);
}

Test(cmd_preflight_trial, text)
{
	expect_text(UNLOADED("0") MARK "taint 4096\n", &gives_0,
		    "  trial: loading it gives 0, unloading gives 0: as predicted\n"
		    "    taints the kernel: O\n");
	expect_text(BEGIN MARK "load\n" MARK "loaded -19\n" MARK
			       "log 4;WARNING: CPU: 0\n",
		    &gives_0,
		    "  trial: loading it gives -19 (No such device): NOT AS PREDICTED, "
		    "which was: loading it gives 0\n    WARNING: CPU: 0\n");
	expect_text(BEGIN MARK "need base -19\n", &needs_19,
		    "  trial: base, which it needs, gives -19 (No such device): as "
		    "predicted\n");
	expect_text(BEGIN MARK "load\n" OOPS MARK "loaded died\n", &undecided,
		    "  trial: loading it oopses: not compared: the dry run is "
		    "undecided\n    BUG: unable to handle page fault for address: 1\n");
}

Test(cmd_preflight_trial, json)
{
	const struct preflight preflight = {.dryrun = gives_0};
	const struct trial trial = {.console = (char *)UNLOADED("0") MARK
				    "log 4;WARNING: x\n",
				    .has_ended = true};
	struct trial_result result;
	json_t *object;

	preflight_trial(&result, &trial, &preflight);
	object = preflight_trial_json(&result);
	cr_expect_str_eq(json_string_value(json_object_get(object, "outcome")),
			 "returned");
	cr_expect_eq(json_integer_value(json_object_get(object, "return")), 0);
	cr_expect_str_eq(json_string_value(json_object_get(object, "agreement")),
			 "agrees");
	cr_expect(json_is_null(json_object_get(object, "oops_line")));
	cr_expect_eq(json_array_size(json_object_get(object, "warning_lines")), 1);
	cr_expect_str_eq(json_string_value(json_object_get(
				 json_object_get(object, "unload"), "outcome")),
			 "returned");
	json_decref(object);
}
