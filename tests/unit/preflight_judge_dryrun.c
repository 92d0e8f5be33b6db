/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dry run saw, beside what the code says: movb $0, sealed(%rip) is init. */
#include "preflight/judge_dryrun.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

static const uint64_t SEALED = 0xffffffff81200100, HELPER = 0xffffffff81000100;

static struct look bench;
static struct dryrun dryrun;
static size_t nr_static;

static void setup(void)
{
	static const unsigned char code[] = {0xc6, 0x05, 0, 0, 0, 0, 0, 0xc3};
	static const Elf64_Rela rela[] = {{.r_offset = 2,
					   .r_info = ELF64_R_INFO(2, R_X86_64_PC32),
					   .r_addend = -5}};
	const struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, code,
			      sizeof(code), rela, 1}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};

	look_at(&bench, &ko, NULL, 0);
	cr_assert_not_null(look_find(&bench, "store"));
	nr_static = bench.inspect.findings.nr;
	memset(&dryrun, 0, sizeof(dryrun));
	dryrun.outcome = DRYRUN_FAULT;
	dryrun.phase = DRYRUN_INIT;
	dryrun.result.fault = (struct machine_fault){.address = SEALED,
						     .access = MACHINE_WRITE,
						     .size_bytes = 1,
						     .error_code = 3};
	dryrun.result.registers[MACHINE_RIP] = look_find(&bench, "store")->site.address;
}

static void teardown(void)
{
	look_away(&bench);
}

TestSuite(preflight_judge_dryrun, .init = setup, .fini = teardown);

static const struct finding *judge(void)
{
	judge_dryrun(&bench.inspect.findings, &bench.space, &dryrun);
	return &bench.inspect.findings.array[bench.inspect.findings.nr - 1];
}

Test(preflight_judge_dryrun, a_store_that_the_code_shows_is_confirmed)
{
	const struct finding *finding = look_find(&bench, "store");

	judge();
	cr_expect_eq(bench.inspect.findings.nr, nr_static);
	cr_expect(finding->is_confirmed);
	cr_expect_not(finding->is_dry_run);
	cr_expect_not_null(strstr(finding->note, "the dry run of init ended here"));
}

Test(preflight_judge_dryrun, another_address_is_another_finding)
{
	const struct finding *finding;

	dryrun.result.fault.address += 8;
	finding = judge();
	cr_expect_eq(bench.inspect.findings.nr, nr_static + 1);
	cr_expect(finding->is_dry_run);
	cr_expect_eq(finding->verdict, FINDING_WOULD_FAULT);
	cr_expect_str_eq(finding->kind, "fault");
	cr_expect_eq(finding->target.address, SEALED + 8);
	cr_expect_str_eq(finding->site.function, "init_module");
	cr_expect_not(look_find(&bench, "store")->is_confirmed);
}

Test(preflight_judge_dryrun, a_fault_in_the_kernel_is_told_at_the_call)
{
	uint64_t site = dryrun.result.registers[MACHINE_RIP];
	const struct finding *finding;

	dryrun.result.registers[MACHINE_RIP] = HELPER + 4;
	dryrun.result.frames[0] = (struct machine_call_site){.callee = site};
	dryrun.result.frames[1] = (struct machine_call_site){.callee = HELPER,
							     .site = site};
	dryrun.result.nr_frames = 2;
	finding = judge();
	cr_expect_eq(bench.inspect.findings.nr, nr_static + 1);
	cr_expect_eq(finding->site.address, site);
	cr_expect_not_null(strstr(finding->note, "helper+0x4"), "%s", finding->note);
}

Test(preflight_judge_dryrun, a_bug_is_suspect)
{
	const struct finding *finding;

	dryrun.is_bug = true;
	finding = judge();
	cr_expect_eq(finding->verdict, FINDING_SUSPECT);
	cr_expect_str_eq(finding->kind, "bug");
	cr_expect_not(finding->has_target);
}

Test(preflight_judge_dryrun, a_function_of_another_type)
{
	struct machine_fault *fault = &dryrun.result.fault;
	const struct finding *finding;
	size_t nr;

	*fault = (struct machine_fault){.exception = MACHINE_WRONG_TYPE,
					.address = HELPER,
					.knows_callee = true,
					.knows_type = true,
					.wanted_type = 0x36b1c5a6,
					.type = 0x5f0c2d11};
	finding = judge();
	nr = bench.inspect.findings.nr;
	cr_expect_eq(nr, nr_static + 1);
	cr_expect_eq(finding->verdict, FINDING_WOULD_FAULT);
	cr_expect_str_eq(finding->kind, "kcfi");
	cr_expect(finding->is_dry_run);
	cr_expect_eq(finding->error_code, 0);
	cr_expect_str_eq(finding->site.function, "init_module");
	cr_expect_not_null(strstr(finding->note, "CFI failure at "), "%s", finding->note);
	cr_expect_not_null(strstr(finding->note,
				  "init_module+0x0; target: helper+0x0; expected type: "
				  "0x36b1c5a6; it has 0x5f0c2d11 before it"),
			   "%s", finding->note);
	/* As the kernel has "no target information". */
	fault->knows_callee = false;
	finding = judge();
	cr_expect_null(strstr(finding->note, "target"), "%s", finding->note);
	cr_expect_null(strstr(finding->note, "0x5f0c2d11"), "%s", finding->note);
}

Test(preflight_judge_dryrun, what_went_through_is_a_bypass)
{
	const struct finding *finding;

	dryrun.outcome = DRYRUN_RETURNED;
	dryrun.bypasses[0] = (struct machine_bypass){
		.address = SEALED,
		.rip = dryrun.result.registers[MACHINE_RIP],
		.size_bytes = 4,
		.means = "CR0.WP"};
	dryrun.nr_bypasses = 1;
	finding = judge();
	cr_expect_eq(finding->verdict, FINDING_BYPASS);
	cr_expect_eq(finding->target.address, SEALED);
	cr_expect_eq(finding->size_bytes, 4);
	cr_expect_eq(finding->error_code, 0);
	cr_expect_not_null(strstr(finding->note, "CR0.WP"));
}

/* Of a fault that is no store nobody says that it writes. */
Test(preflight_judge_dryrun, a_read_and_a_fetch)
{
	static const struct {
		enum machine_access of;
		enum finding_access is;
	} cases[] = {{MACHINE_READ, FINDING_READ},
		     {MACHINE_FETCH, FINDING_FETCH},
		     {MACHINE_WRITE, FINDING_STORE}};

	for (size_t i = 0; i < 3; i++) {
		dryrun.result.fault.access = cases[i].of;
		dryrun.result.fault.address = 0x10 + i;
		cr_expect_eq(judge()->access, cases[i].is, "%zu", i);
	}
}
