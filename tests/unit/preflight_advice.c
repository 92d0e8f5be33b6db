/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/advice.h"

#include <criterion/criterion.h>
#include <string.h>

static struct findings findings;
static struct dryrun dryrun;
static char text[ADVICE_TEXT_BYTES];

static struct finding *add(enum finding_verdict verdict, const char *kind)
{
	struct finding *finding = finding_add(&findings, verdict, kind);

	cr_assert_not_null(finding);
	return finding;
}

static struct finding *add_store(const char *region, const char *symbol, bool is_own)
{
	struct finding *finding = add(FINDING_WOULD_FAULT, "store");

	finding->has_target = true;
	finding->error_code = 3;
	finding->target.name.region = region;
	finding->target.name.symbol = symbol;
	finding->target.is_own = is_own;
	return finding;
}

static void says(enum finding_verdict verdict, enum advice_cause cause, const char *words)
{
	advice_write(text, verdict, cause, &findings, &dryrun);
	cr_expect(strstr(text, words), "'%s' lacks '%s'", text, words);
	finding_free(&findings);
}

Test(preflight_advice, a_store_by_the_memory_that_it_hits)
{
	add_store("module ro_after_init", "limit", true);
	says(FINDING_WOULD_FAULT, 0, "without __ro_after_init");
	add_store("module text", "victim", true);
	says(FINDING_WOULD_FAULT, 0, "static key");
	add_store("module rodata", "ops", true);
	says(FINDING_WOULD_FAULT, 0, "without const");
	add_store("data..ro_after_init", "apparmor_hooks", false);
	says(FINDING_WOULD_FAULT, 0, "BPF LSM");
	add_store(".rodata", "sys_call_table", false);
	says(FINDING_WOULD_FAULT, 0, "sys_enter");
	add_store(".text", "schedule", false);
	says(FINDING_WOULD_FAULT, 0, "live patch");
	add_store(".rodata", NULL, false);
	says(FINDING_WOULD_FAULT, 0, "sealed it for good");
	/* No write to a page that is there: a bad pointer. */
	add_store("no known region", NULL, false)->error_code = 2;
	says(FINDING_WOULD_FAULT, 0, "mend the pointer");
	add_store(".rodata", NULL, false)->error_code = 0x11;
	says(FINDING_WOULD_FAULT, 0, "mend the pointer");
}

Test(preflight_advice, of_one_kind_by_the_verdict)
{
	add(FINDING_REFUSED, "parameter");
	says(FINDING_REFUSED, 0, "modinfo -p");
	add(FINDING_UNDECIDED, "parameter");
	says(FINDING_UNDECIDED, 0, "capture --memory");
	/* A kind that has no row. */
	add(FINDING_SUSPECT, "brand-new");
	says(FINDING_SUSPECT, 0, "--call=FUNCTION");
}

Test(preflight_advice, each_of_the_worst_once)
{
	const char *first;

	add(FINDING_REFUSED, "signature");
	add(FINDING_REFUSED, "common-symbol");
	add(FINDING_REFUSED, "signature");
	add(FINDING_CLEAN, "unknown-parameter");
	advice_write(text, FINDING_REFUSED, 0, &findings, &dryrun);
	first = strstr(text, "sign it with a key");
	cr_assert(first && strstr(text, "-fno-common"), "%s", text);
	cr_expect_null(strstr(first + 1, "sign it with a key"), "%s", text);
	cr_expect_null(strstr(text, "nothing"), "%s", text);
	finding_free(&findings);
}

/* What is missing for a module of another kernel says nothing yet. */
Test(preflight_advice, a_module_for_another_kernel_is_built_anew)
{
	add(FINDING_REFUSED, "missing-module")->is_absent = true;
	add(FINDING_REFUSED, "symbol-crc");
	add(FINDING_REFUSED, "vermagic");
	add(FINDING_REFUSED, "lockdown");
	advice_write(text, FINDING_REFUSED, 0, &findings, &dryrun);
	cr_expect(strstr(text, "Module.symvers"), "%s", text);
	cr_expect(strstr(text, "Secure Boot"), "%s", text);
	cr_expect_null(strstr(text, "depmod"), "%s", text);
	cr_expect_null(strstr(text, "headers of its release"), "%s", text);
	finding_free(&findings);
	add(FINDING_REFUSED, "missing-module")->is_absent = true;
	says(FINDING_REFUSED, 0, "depmod");
	add(FINDING_REFUSED, "missing-module");
	says(FINDING_REFUSED, 0, "mend the module that it needs");
	add(FINDING_UNDECIDED, "missing-module")->is_absent = true;
	says(FINDING_UNDECIDED, 0, "--moddir");
}

Test(preflight_advice, symbols_go_with_the_module_that_is_not_there)
{
	add(FINDING_REFUSED, "missing-module")->is_absent = true;
	add(FINDING_REFUSED, "unknown-symbol");
	advice_write(text, FINDING_REFUSED, 0, &findings, &dryrun);
	cr_expect(strstr(text, "install that module"), "%s", text);
	cr_expect_null(strstr(text, ";"), "%s", text);
	finding_free(&findings);
	add(FINDING_REFUSED, "unknown-symbol");
	says(FINDING_REFUSED, 0, "build it for this kernel");
}

Test(preflight_advice, what_is_clean)
{
	dryrun = (struct dryrun){.outcome = DRYRUN_RETURNED, .has_value = true};
	says(FINDING_CLEAN, 0, "it can be loaded");
	add(FINDING_CLEAN, "needed-module");
	says(FINDING_CLEAN, 0, "behind what it needs");
	dryrun.is_after_unload = true;
	says(FINDING_CLEAN, 0, "after rmmod of the one that is");
	dryrun.value = -19;
	says(FINDING_CLEAN, 0, "its init gives up (No such device)");
	dryrun.needed = "libother";
	says(FINDING_CLEAN, 0, "the init of libother fails (No such device)");
	dryrun = (struct dryrun){.outcome = DRYRUN_NOT_RUN};
	says(FINDING_CLEAN, 0, "was not tried");
}

Test(preflight_advice, what_no_finding_made)
{
	dryrun = (struct dryrun){.outcome = DRYRUN_UNDECIDED, .reason = MACHINE_TIME};
	says(FINDING_UNDECIDED, ADVICE_DRY_RUN, "--limit");
	dryrun.reason = DRYRUN_CHANGED;
	says(FINDING_UNDECIDED, ADVICE_DRY_RUN, "quiet");
	dryrun.reason = DRYRUN_WAITS;
	says(FINDING_UNDECIDED, ADVICE_DRY_RUN, "virtual machine");
	says(FINDING_UNDECIDED, ADVICE_UNSEEN, "BTF");
	says(FINDING_UNDECIDED, ADVICE_BOUNDED, "virtual machine");
	cr_expect(strstr(advice_of_failure(), "ask again"));
}
