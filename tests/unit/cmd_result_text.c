/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results made by hand, for people. A kernel's own: cmd_main.c. */
#include "cmd/result_text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>

static const struct kernelfacts facts = {
	.root_name = "process",
	.root_pa = 0x1000,
	.format = {.levels = 5, .phys_bits = 52, .pa_mask = 0x000ffffffffff000},
};
static struct text text = {.facts = &facts};
static const struct symbol symbol = {.name = "thing", .module = "mod", .type = 'd'};
static struct result_page page;
static struct result_run run;
static struct result result;

/* One read-only page with write-through caching, encrypted; its RW is clear at the PTE.
 */
static void setup(void)
{
	page = (struct result_page){
		.walk = {.verdict = PT_READ_ONLY,
			 .nr_steps = 1,
			 .steps = {{PT_PTE, 3, 0x5018, 0x8000000000007109}},
			 .span = 4096,
			 .pa = 0x7000,
			 .nx = true},
		.address = 0xff11000000000000,
		.size_bytes = 8,
	};
	run = (struct result_run){
		.nr_pages = 1, .address = page.address, .size_bytes = page.size_bytes};
	result = (struct result){
		.query = "thing",
		.symbol = &symbol,
		.address = page.address,
		.size_bytes = 8,
		.verdict = RESULT_READ_ONLY,
		.pages = &page,
		.nr_pages = 1,
		.runs = &run,
		.nr_runs = 1,
		.explanation = "it faults",
	};
	cr_redirect_stdout();
}

TestSuite(cmd_result_text, .init = setup);

static void expect(const char *want)
{
	fflush(stdout);
	cr_assert_stdout_eq_str(want);
}

Test(cmd_result_text, one_of_several_of_a_name)
{
	result_text_check(&text, &result, 0, 2);
	result_text_check(&text, &result, 1, 2);
	expect("thing: 2 symbols have this name\n"
	       "1 of 2, 'd': mod:thing  ff11000000000000  8 bytes  read-only\n"
	       "  it faults\n"
	       "2 of 2, 'd': mod:thing  ff11000000000000  8 bytes  read-only\n"
	       "  it faults\n");
}

Test(cmd_result_text, the_walk_names_the_root)
{
	result_text_walk(&text, &result, 0, 1);
	expect("mod:thing  ff11000000000000  8 bytes  read-only\n"
	       "  root process at 0000000000001000, 5 levels\n"
	       "  PTE   3  0000000000005018  8000000000007109  PRESENT PWT GLOBAL NX"
	       "  <- no RW\n"
	       "  effective: r--, supervisor; 4K page, physical 0000000000007000; PAT 1 "
	       "(WC)\n"
	       "  it faults\n");
}

/* The value at a level that could not be read is no value. */
Test(cmd_result_text, an_unreadable_table)
{
	page.walk = (struct pt_walk){
		.reason = PT_UNREADABLE,
		.nr_steps = 1,
		.steps = {{PT_PMD, 1, 0x9008, 0}},
		.span = 2 * 1024 * 1024,
		.denied_by = -1,
	};
	page.is_poisoned = true;
	result.verdict = RESULT_MIXED;
	text.is_verbose = true;
	result_text_check(&text, &result, 0, 1);
	expect("mod:thing  ff11000000000000  8 bytes  mixed\n"
	       "  it faults\n"
	       "  ff11000000000000-ff11000000000008  unknown    cannot be known: the PMD "
	       "table at physical 0x0000000000009000 is poisoned or offline memory, which "
	       "the kernel gives as zeros\n"
	       "  PMD   1  0000000000009008  ----------------  unreadable\n");
}

Test(cmd_result_text, a_writable_mapping_is_told)
{
	struct result_alias alias = {0xff12000000000000, 8, PT_WRITABLE,
				     region_of_kind(REGION_VMALLOC)};

	page.aliases = &alias;
	page.nr_aliases = 1;
	result.has_writable_alias = true;
	text.has_color = true;
	result_text_check(&text, &result, 0, 1);
	expect("mod:thing  ff11000000000000  8 bytes  \033[1;31mread-only\033[0m\n"
	       "  it faults\n"
	       "  also mapped at ff12000000000000 writable (vmalloc)\n"
	       "  the memory is read-only where it is named, but a write through the "
	       "writable mapping succeeds\n");
}

/* Only what succeeds by the kernel's own tables. */
Test(cmd_result_text, who_else_may_deny)
{
	struct kernelfacts guest = facts;
	struct text of_guest = {.facts = &guest};

	guest.hypervisor = HYPERVISOR_KVM;
	result_text_check(&of_guest, &result, 0, 1);
	page.walk.verdict = PT_WRITABLE;
	result.verdict = RESULT_WRITABLE;
	result_text_check(&of_guest, &result, 0, 1);
	guest.hypervisor = HYPERVISOR_UNNAMED;
	result_text_check(&of_guest, &result, 0, 1);
	guest.hypervisor = HYPERVISOR_NONE;
	result_text_check(&of_guest, &result, 0, 1);
	guest.hypervisor = HYPERVISOR_UNKNOWN;
	result_text_check(&of_guest, &result, 0, 1);
#define HEAD "mod:thing  ff11000000000000  8 bytes  "
	expect(HEAD "read-only\n  it faults\n" HEAD "writable\n  it faults\n"
		    "  the hypervisor (KVM) below this kernel may still deny a write by "
		    "its own tables\n" HEAD "writable\n  it faults\n"
		    "  a hypervisor below this kernel may still deny a write by its own "
		    "tables\n" HEAD "writable\n  it faults\n" HEAD
		    "writable\n  it faults\n");
}
