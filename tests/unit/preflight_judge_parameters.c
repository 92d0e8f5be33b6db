/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_parameters.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct kofile file = {.module_name = "mine"};
static struct modimage mod = {.file = &file};
static struct addrspace space = {.mod = &mod};
static struct parameter own[] = {{.name = "arm", .ops = "param_ops_int"},
				 {.name = "own", .ops = "", .handler = 1}};
static struct findings findings;
static const char *value = "x";

/* Judges arm=x with @status and a store that the code was seen to make. */
static void judge(enum paramvalue_status status, bool is_own, const struct dryrun *dryrun)
{
	static struct argument argument;
	const struct parameters parameters = {
		.array = own, .nr = 2, .arguments = &argument, .nr_arguments = 1};

	argument = (struct argument){.name = own[is_own].name,
				     .value = value,
				     .parameter = &own[is_own],
				     .status = status,
				     .errnum = status == PARAMVALUE_REJECTED ? EINVAL
									     : 0};
	finding_free(&findings);
	finding_add(&findings, FINDING_WOULD_FAULT, "store");
	judge_parameters(&findings, &space, &parameters);
	judge_parameters_settle(&findings, &space, &parameters, dryrun);
}

static const struct finding *find(enum finding_verdict verdict)
{
	for (size_t i = 0; i < findings.nr; i++)
		if (findings.array[i].verdict == verdict)
			return &findings.array[i];
	return NULL;
}

static const struct dryrun none,
	parsed = {.outcome = DRYRUN_RETURNED, .phase = DRYRUN_INIT, .has_parsed = true},
	rejected = {.outcome = DRYRUN_RETURNED,
		    .phase = DRYRUN_PARAMETERS,
		    .has_parsed = true,
		    .parsed = -ERANGE};

Test(preflight_judge_parameters, an_init_that_will_not_run_does_not_fault)
{
	judge(PARAMVALUE_REJECTED, false, &none);
	cr_expect_null(find(FINDING_WOULD_FAULT));
	cr_assert_not_null(find(FINDING_REFUSED));
	cr_expect(strstr(find(FINDING_REFUSED)->note,
			 "mine: `x' invalid for parameter `arm'"));
	cr_expect(strstr(find(FINDING_REFUSED)->note, "EINVAL (-22): Invalid argument"));
	judge(PARAMVALUE_TAKEN, false, &none);
	cr_expect_not_null(find(FINDING_WOULD_FAULT));
	cr_expect_null(find(FINDING_REFUSED));
}

Test(preflight_judge_parameters, the_kernels_own_code_knows_best)
{
	judge(PARAMVALUE_REJECTED, false, &parsed);
	cr_expect_null(find(FINDING_REFUSED));
	cr_expect_not_null(find(FINDING_WOULD_FAULT));
	judge(PARAMVALUE_NOT_TESTED, true, &rejected);
	cr_expect_null(find(FINDING_WOULD_FAULT));
	cr_assert_not_null(find(FINDING_REFUSED));
	cr_expect(strstr(find(FINDING_REFUSED)->note, "`x' invalid for parameter `own'"));
	cr_expect(strstr(find(FINDING_REFUSED)->note, "ERANGE"));
}

/* param_array() puts an end behind each element while it goes through them. */
Test(preflight_judge_parameters, of_an_array_the_kernel_shows_the_first_element)
{
	value = "1,x";
	judge(PARAMVALUE_REJECTED, false, &none);
	cr_expect(strstr(find(FINDING_REFUSED)->note, "`1,x' invalid"));
	own[0].ops = "param_array_ops";
	judge(PARAMVALUE_REJECTED, false, &none);
	cr_expect(strstr(find(FINDING_REFUSED)->note, "`1' invalid"));
}

Test(preflight_judge_parameters, what_nobody_tested_is_undecided)
{
	judge(PARAMVALUE_NOT_TESTED, true, &none);
	cr_expect_not_null(find(FINDING_UNDECIDED));
	judge(PARAMVALUE_NOT_TESTED, true, &parsed);
	cr_expect_null(find(FINDING_UNDECIDED));
}

Test(preflight_judge_parameters, unknown_names)
{
	static struct argument arguments[] = {{.name = "armm", .value = "1"},
					      {.name = "dyndbg"},
					      {.name = "async_probe"}};
	const struct parameters parameters = {
		.array = own, .nr = 2, .arguments = arguments, .nr_arguments = 3};

	finding_free(&findings);
	judge_parameters(&findings, &space, &parameters);
	cr_assert_eq(findings.nr, 1);
	cr_expect_eq(findings.array[0].verdict, FINDING_CLEAN);
	cr_expect(findings.array[0].is_always_told);
	cr_expect(strstr(findings.array[0].note,
			 "mine: unknown parameter 'armm' ignored; did you mean arm"));
}

Test(preflight_judge_parameters, hardware_under_lockdown)
{
	space.policy.is_locked_down = true;
	judge(PARAMVALUE_TAKEN, false, &none);
	cr_expect_null(find(FINDING_REFUSED));
	own[0].flags = PARAMETER_HARDWARE;
	judge(PARAMVALUE_TAKEN, false, &none);
	cr_assert_not_null(find(FINDING_REFUSED));
	cr_expect(strstr(find(FINDING_REFUSED)->note, "EPERM"));
}
