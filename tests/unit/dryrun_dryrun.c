/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/dryrun.h"

#include <criterion/criterion.h>
#include <string.h>

#include "module/relocate.h"
#include "rig.h"

static struct rig rig;
static struct kofile file;
static struct modimage mod;
static struct models models;
static struct dryrun_machine kept;
static struct dryrun dryrun;
static struct dryrun_options options;

/* @functions: init_module and cleanup_module, 16 bytes each. */
static struct ko ko_of(const char functions[32])
{
	return rig_ko(functions, 32);
}

static void start(const struct ko *ko, const char *symbols)
{
	rig_open(&rig, symbols);
	ko_parse(ko, &file);
	cr_assert_eq(modimage_layout(&mod, &file, &rig.space.section_rules), 0);
	modimage_move(&mod, rig.space.room, 0);
	cr_assert_eq(relocate_resolve(&mod, addrspace_resolve, &rig.space), 0);
	cr_assert_eq(relocate_load(&mod), 0);
	rig.space.mod = &mod;
	models_find(&models, &rig.board.small.kernel);
	options.limits = limits_default;
}

static void run(void)
{
	cr_assert_eq(dryrun_run(&dryrun, &kept, &rig.space, &models, &options, NULL, 0),
		     0);
}

static void start_and_run(const char functions[32])
{
	const struct ko ko = ko_of(functions);

	start(&ko, RIG_SYMBOLS);
	run();
}

static void teardown(void)
{
	dryrun_close(&dryrun);
	dryrun_machine_close(&kept);
	rig.space.mod = NULL;
	modimage_close(&mod);
	kofile_close(&file);
	rig_close(&rig);
}

TestSuite(dryrun_dryrun, .fini = teardown);

/* movb $1,RIG_SEALED; ret */
#define STORE "\xc6\x04\x25\x00\x01\x30\x81\x01\xc3xxxxxxx"
/* mov $-22,%eax; ret */
#define EINVAL_INIT "\xb8\xea\xff\xff\xff\xc3xxxxxxxxxx"
/* xor %eax,%eax; ret */
#define NOTHING "\x31\xc0\xc3xxxxxxxxxxxxx"

static void expect_fault(enum dryrun_phase phase)
{
	cr_expect_eq(dryrun.outcome, DRYRUN_FAULT, "%s", dryrun.why);
	cr_expect_eq(dryrun.phase, phase);
	cr_expect_not(dryrun.is_bug);
	cr_expect_eq(dryrun.result.fault.address, RIG_SEALED);
	cr_expect_eq(dryrun.result.fault.access, MACHINE_WRITE);
	cr_expect_eq(dryrun.result.fault.error_code, 3);
}

Test(dryrun_dryrun, init_stores_to_sealed_memory)
{
	start_and_run(STORE NOTHING);
	expect_fault(DRYRUN_INIT);
	cr_expect_eq(dryrun.result.registers[MACHINE_RIP], mod.sections[1].va);
	cr_expect_not(dryrun.has_value);
}

Test(dryrun_dryrun, init_fails)
{
	start_and_run(EINVAL_INIT NOTHING);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_assert(dryrun.has_value);
	cr_expect_eq(dryrun.value, -22);
}

Test(dryrun_dryrun, exit_runs_where_it_is_wanted)
{
	start_and_run(NOTHING STORE);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.value, 0);
	options.run_exit = true;
	dryrun_close(&dryrun);
	run();
	expect_fault(DRYRUN_EXIT);
}

Test(dryrun_dryrun, exit_does_not_run_after_an_init_that_failed)
{
	options.run_exit = true;
	start_and_run(EINVAL_INIT STORE);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.phase, DRYRUN_INIT);
}

Test(dryrun_dryrun, another_function_is_called_by_its_name)
{
	options.call = "cleanup_module";
	start_and_run(NOTHING STORE);
	expect_fault(DRYRUN_CALL);
	options.call = "nobody";
	dryrun_close(&dryrun);
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_UNDECIDED);
	cr_expect_str_eq(dryrun_reason_name(dryrun.reason), "setup");
	cr_expect_str_eq(dryrun.why, "the module has no function nobody");
}

Test(dryrun_dryrun, constructors_run_before_init)
{
	static const uint64_t pointer;
	static const Elf64_Rela rela = {.r_info = ELF64_R_INFO(2, R_X86_64_64)};
	struct ko ko = ko_of(NOTHING STORE);

	ko.sections[ko.nr_sections++] = (struct ko_section){
		".init_array", SHF_ALLOC | SHF_WRITE, 0, &pointer, 8, &rela, 1};
	start(&ko, RIG_SYMBOLS);
	run();
	expect_fault(DRYRUN_CONSTRUCTORS);
}

Test(dryrun_dryrun, what_hangs_on_a_device_is_undecided)
{
	start_and_run(
		"\xec\x0f\xb6\xc0\xc3xxxxxxxxxxx" /* in (%dx),%al; movzbl %al,%eax */
		NOTHING);
	cr_expect_eq(dryrun.outcome, DRYRUN_UNDECIDED);
	cr_expect_str_eq(dryrun_reason_name(dryrun.reason), "invented");
}

Test(dryrun_dryrun, what_is_read_and_not_used_is_decided)
{
	start_and_run("\xec\x31\xc0\xc3xxxxxxxxxxxx" /* in (%dx),%al; xor %eax,%eax */
		      NOTHING);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.value, 0);
}

Test(dryrun_dryrun, a_store_despite_cr0_is_told)
{
	/* mov %cr0,%rax; btr $16,%rax; mov %rax,%cr0; jmp to the other */
	start_and_run("\x0f\x20\xc0\x48\x0f\xba\xf0\x10\x0f\x22\xc0\xeb\x03xxx"
		      "\xc6\x04\x25\x00\x01\x30\x81\x01\x31\xc0\xc3xxxxx");
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_assert_eq(dryrun.nr_bypasses, 1);
	cr_expect_eq(dryrun.bypasses[0].address, RIG_SEALED);
	cr_expect_str_eq(dryrun.bypasses[0].means, "CR0.WP");
}

/* lea cleanup_module(%rip),%rdi; jmp to the other: mov $RIG_HELPER,%rax; call *%rax;
 * xor %eax,%eax; ret
 */
#define GIVES                                         \
	"\x48\x8d\x3d\x09\x00\x00\x00\xeb\x07xxxxxxx" \
	"\x48\xc7\xc0\x80\x02\x00\x81\xff\xd0\x31\xc0\xc3xxxx"

Test(dryrun_dryrun, a_function_that_is_given_to_the_kernel_is_told)
{
	start_and_run(GIVES);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_assert_eq(dryrun.nr_given, 1);
	cr_expect_eq(dryrun.given[0].callee, RIG_HELPER);
	cr_expect_eq(dryrun.given[0].address, mod.sections[1].va + 16);
	cr_expect_eq(dryrun.nr_calls, 0, "no trace is wanted");
}

Test(dryrun_dryrun, calls_are_traced)
{
	options.trace = true;
	start_and_run(GIVES);
	cr_assert_eq(dryrun.nr_calls, 1);
	cr_expect_eq(dryrun.calls[0].site, mod.sections[1].va + 16 + 7);
	cr_expect_eq(dryrun.calls[0].callee, RIG_HELPER);
	cr_expect_eq(dryrun.calls[0].depth, 2);
}

/* The last call of a function may be a jump: lea cleanup_module(%rip),%rdi; and out. */
Test(dryrun_dryrun, a_jump_out_of_the_module_is_a_call)
{
	static const Elf64_Rela rela = {
		.r_offset = 8, .r_info = ELF64_R_INFO(3, R_X86_64_PLT32), .r_addend = -4};
	struct ko ko = ko_of("\x48\x8d\x3d\x09\x00\x00\x00\xe9\x00\x00\x00\x00xxxx"
			     "\xc3xxxxxxxxxxxxxxx");

	ko.sections[0].rela = &rela;
	ko.sections[0].nr_rela = 1;
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"helper", SHN_ABS,   RIG_HELPER,
							 0,	   STB_LOCAL, 0};
	options.trace = true;
	start(&ko, RIG_SYMBOLS);
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_assert_eq(dryrun.nr_given, 1);
	cr_expect_eq(dryrun.given[0].callee, RIG_HELPER);
	cr_expect_eq(dryrun.given[0].address, mod.sections[1].va + 16);
	cr_assert_eq(dryrun.nr_calls, 1);
	cr_expect_eq(dryrun.calls[0].callee, RIG_HELPER);
}

/* mov $RIG_HELPER,%rax; jmp *%rax: what the kernel has there a test says. */
#define ASKS "\x48\xc7\xc0\x80\x02\x00\x81\xff\xe0xxxxxxx"
/* The same; then mov $-19,%eax; ret */
#define ASKS_AND_FAILS "\x48\xc7\xc0\x80\x02\x00\x81\xff\xd0\xb8\xed\xff\xff\xff\xc3x"

static void ask(const char functions[32], const char *symbols)
{
	const struct ko ko = ko_of(functions);

	start(&ko, symbols);
	run();
}

Test(dryrun_dryrun, a_sleep_passes)
{
	ask(ASKS NOTHING, RIG_SYMBOLS "ffffffff81000280 T usleep_range\n");
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.value, 0, "not what the kernel's own code returns");
}

Test(dryrun_dryrun, what_hangs_on_firmware_is_undecided)
{
	ask(ASKS_AND_FAILS NOTHING, RIG_SYMBOLS "ffffffff81000280 T request_firmware\n");
	cr_expect_eq(dryrun.outcome, DRYRUN_UNDECIDED);
	cr_expect_str_eq(dryrun_reason_name(dryrun.reason), "invented");
	cr_expect_str_eq(dryrun.why,
			 "what comes after request_firmware() depends on what "
			 "that gives");
}

Test(dryrun_dryrun, what_hangs_on_another_module_is_undecided)
{
	ask(ASKS_AND_FAILS NOTHING, RIG_SYMBOLS "ffffffff81000280 T __request_module\n");
	cr_expect_eq(dryrun.outcome, DRYRUN_UNDECIDED);
	cr_expect_str_eq(dryrun.why,
			 "init fails (-19) after it asked for another module, "
			 "which modprobe might load");
}

Test(dryrun_dryrun, a_static_key_of_the_kernels)
{
	ask(ASKS NOTHING, RIG_SYMBOLS "ffffffff81000280 t jump_label_update\n");
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.value, 5, "the kernel's own code goes on");
}

/* Parameters that the kernel refuses: insmod fails before init. */
Test(dryrun_dryrun, refused_parameters_are_an_error)
{
	static const char *const words[] = {"a=b"};
	static const char symbols[] = RIG_SYMBOLS;
	static char refusing[sizeof(symbols)];
	const struct ko ko = ko_of(STORE NOTHING);

	strcpy(refusing, symbols);
	memcpy(strstr(refusing, " T parse_args") - 3, "2c0", 3);
	start(&ko, refusing);
	cr_assert_eq(dryrun_run(&dryrun, &kept, &rig.space, &models, &options, words, 1),
		     0);
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	cr_expect_eq(dryrun.phase, DRYRUN_PARAMETERS);
	cr_assert(dryrun.has_parsed);
	cr_expect_eq(dryrun.parsed, -22);
	cr_expect_eq(dryrun.value, -22);
}

Test(dryrun_dryrun, a_xen_domain_has_no_privileges)
{
	const struct ko ko = ko_of(STORE NOTHING);

	start(&ko, RIG_SYMBOLS);
	rig.board.small.kernel.p2m.nr = 1;
	run();
	rig.board.small.kernel.p2m.nr = 0;
	cr_expect_eq(dryrun.outcome, DRYRUN_NOT_RUN);
	cr_expect_not_null(strstr(dryrun.why, "Xen PV"), "%s", dryrun.why);
}

/* Nothing is known of where each CPU's variables lie. */
Test(dryrun_dryrun, without_per_cpu_memory_nothing_runs)
{
	const struct ko ko = ko_of(STORE NOTHING);
	struct kernel *kernel = &rig.board.small.kernel;

	start(&ko, RIG_SYMBOLS);
	kernel->labels[LABEL_PER_CPU_OFFSET] = 0;
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_NOT_RUN);
	cr_expect_str_eq(dryrun.why, "the kernel's per-CPU memory is not known");
}

Test(dryrun_dryrun, bounds_are_kept)
{
	const struct ko ko = ko_of("\xeb\xfexxxxxxxxxxxxxx" NOTHING); /* jmp . */

	start(&ko, RIG_SYMBOLS);
	options.limits.instructions = 1000;
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_UNDECIDED);
	cr_expect_str_eq(dryrun_reason_name(dryrun.reason), "instructions");
	cr_expect_str_eq(
		dryrun.why,
		"the bound of 1000 instructions was reached (--limit=instructions)");
}

Test(dryrun_dryrun, without_a_task_nothing_runs)
{
	const struct ko ko = ko_of(STORE NOTHING);

	start(&ko, RIG_NO_TASK_SYMBOLS);
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_NOT_RUN);
	cr_expect_not_null(strstr(dryrun.why, "kallsyms lists no init_task"), "%s",
			   dryrun.why);
}

/* The types that are missing, and how to get them. */
Test(dryrun_dryrun, without_types_nothing_runs)
{
	const struct ko ko = ko_of(STORE NOTHING);

	start(&ko, RIG_SYMBOLS);
	types_close(&rig.board.small.kernel.types);
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_NOT_RUN);
	cr_expect_not_null(strstr(dryrun.why, "--btf=FILE"), "%s", dryrun.why);
}

/* A kernel that is read while it runs, but holds still: what comes out is the same. */
Test(dryrun_dryrun, a_running_kernel)
{
	const struct ko ko = ko_of(NOTHING STORE);

	start(&ko, RIG_SYMBOLS);
	rig.board.small.kernel.is_live = true;
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_RETURNED, "%s", dryrun.why);
	options.call = "nobody";
	dryrun_close(&dryrun);
	run();
	cr_expect_eq(dryrun.outcome, DRYRUN_UNDECIDED);
	cr_expect_str_eq(dryrun_reason_name(dryrun.reason), "setup");
	cr_expect_str_eq(dryrun.why, "the module has no function nobody");
}

Test(dryrun_dryrun, every_word_has_a_name)
{
	const struct ko ko = ko_of(NOTHING NOTHING);

	start(&ko, RIG_SYMBOLS);
	for (unsigned i = 0; i < DRYRUN_END_OF_REASONS; i++)
		cr_expect_not_null(dryrun_reason_name(i), "%u", i);
	for (int i = 0; i < DRYRUN_NR_OUTCOMES; i++)
		cr_expect_not_null(dryrun_outcome_name(i));
	for (int i = 0; i < DRYRUN_NR_PHASES; i++)
		cr_expect_not_null(dryrun_phase_name(i));
}
