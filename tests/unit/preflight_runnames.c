/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/runnames.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

static const uint64_t HELPER = 0xffffffff81000100, NOWHERE = 0xffffffff90000000;

static struct look look;
static struct dryrun dryrun;
static struct runnames names;

static void setup(void)
{
	static const Elf64_Rela rela[] = {
		{.r_offset = 0, .r_info = ELF64_R_INFO(1, R_X86_64_64)}};
	const struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL,
			      0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, "\0\0\0\0\0\0\0", 8,
			      rela, 1}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 1},
			    {"operations", 2, 0, STT_OBJECT, STB_LOCAL, 8}},
		.nr_symbols = 2,
	};

	look_at(&look, &ko, NULL, 0);
	memset(&dryrun, 0, sizeof(dryrun));
}

static void teardown(void)
{
	runnames_free(&names);
	look_away(&look);
}

TestSuite(preflight_runnames, .init = setup, .fini = teardown);

Test(preflight_runnames, of_a_fault_the_innermost_call_comes_first)
{
	uint64_t init = look.inspect.mod.sections[1].va;

	dryrun.outcome = DRYRUN_FAULT;
	dryrun.result.registers[MACHINE_RIP] = HELPER + 4;
	dryrun.result.fault.address = NOWHERE;
	dryrun.result.frames[0] = (struct machine_call_site){.callee = init};
	dryrun.result.frames[1] = (struct machine_call_site){
		.callee = HELPER, .site = init, .back = init + 5};
	dryrun.result.frames[2] = (struct machine_call_site){
		.callee = HELPER, .site = HELPER, .back = HELPER + 5};
	dryrun.result.nr_frames = 3;
	cr_assert_eq(runnames_find(&names, &look.space, &dryrun), 0);
	cr_expect_str_eq(names.instruction.name.symbol, "helper");
	cr_expect_eq(names.instruction.name.offset, 4);
	cr_expect_eq(names.instruction.symbol_bytes, 0x1fff00, "up to the next symbol");
	cr_expect_eq(names.target.address, NOWHERE);
	cr_expect_null(names.target.name.symbol);
	cr_expect_eq(names.target.symbol_bytes, 0);
	cr_assert_eq(names.nr_frames, 2, "the outermost was not called");
	cr_expect_str_eq(names.frames[0].site.name.symbol, "helper");
	cr_expect_eq(names.frames[0].back.name.offset, 5);
	cr_expect_str_eq(names.frames[1].site.name.symbol, "init_module");
	cr_expect_eq(names.nr_calls, 0);
	cr_expect_eq(names.nr_given, 0);
}

Test(preflight_runnames, what_was_given_and_called)
{
	struct dryrun_call call = {
		.site = look.inspect.mod.sections[1].va, .callee = HELPER, .depth = 1};

	dryrun.outcome = DRYRUN_RETURNED;
	dryrun.given[0] = (struct dryrun_given){
		.callee = HELPER, .address = look.inspect.mod.sections[2].va};
	dryrun.nr_given = 1;
	dryrun.calls = &call;
	dryrun.nr_calls = 1;
	cr_assert_eq(runnames_find(&names, &look.space, &dryrun), 0);
	cr_expect_eq(names.instruction.address, 0, "there was no fault");
	cr_assert_eq(names.nr_given, 1);
	cr_expect_str_eq(names.given[0].callee.name.symbol, "helper");
	cr_expect_str_eq(names.given[0].what.name.symbol, "operations");
	cr_assert_eq(names.given[0].nr_functions, 1);
	cr_expect_str_eq(names.given[0].functions[0].name.symbol, "init_module");
	cr_assert_eq(names.nr_calls, 1);
	cr_expect_str_eq(names.calls[0].callee.name.symbol, "helper");
	cr_expect_eq(names.calls[0].depth, 1);
}
