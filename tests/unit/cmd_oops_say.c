/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/oops_say.h"

#include <criterion/criterion.h>
#include <string.h>

static struct crash crash;
static struct explanation explanation;

static void setup(void)
{
	crash = (struct crash){.kind = CRASH_PAGE_FAULT,
			       .has_error_code = true,
			       .address = 0xffffffff81300000};
	explanation = (struct explanation){.crash = &crash,
					   .status = EXPLANATION_WHOLE,
					   .target.kind = HIT_IMAGE,
					   .tables.denied_by = -1};
}

TestSuite(cmd_oops_say, .init = setup);

Test(cmd_oops_say, why_the_cpu_refused)
{
	static const struct {
		uint64_t code;
		enum tables_denial denial;
		enum hit_kind target;
		const char *want;
	} cases[] = {
		{0x03, 0, HIT_IMAGE,
		 "kernel code tried to write to ffffffff81300000: the page is present and "
		 "read-only"},
		{0x02, 0, HIT_IMAGE,
		 "kernel code tried to write to ffffffff81300000: nothing is mapped there"},
		{0x00, 0, HIT_IMAGE,
		 "kernel code tried to read from ffffffff81300000: nothing is mapped there"},
		{0x11, 0, HIT_IMAGE,
		 "kernel code tried to execute ffffffff81300000: the page is present and not "
		 "executable"},
		{0x0b, 0, HIT_IMAGE,
		 "kernel code tried to write to ffffffff81300000: a page-table entry on the "
		 "way is malformed"},
		{0x23, 0, HIT_IMAGE,
		 "kernel code tried to write to ffffffff81300000: the page's protection key "
		 "forbids it"},
		{0x05, 0, HIT_IMAGE,
		 "user code tried to read from ffffffff81300000: the page is present, but not "
		 "for this access"},
		{0x03, TABLES_SMAP, HIT_USER,
		 "kernel code tried to write to ffffffff81300000: the page is user space's, "
		 "and SMAP is on"},
		{0x11, TABLES_SMEP, HIT_USER,
		 "kernel code tried to execute ffffffff81300000: the page is user space's, "
		 "and SMEP is on"},
		{0x03, 0, HIT_USER,
		 "kernel code tried to write to ffffffff81300000: the page is present, but "
		 "not for this access"},
	};
	char text[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		crash.error_code = cases[i].code;
		explanation.tables.denial = cases[i].denial;
		explanation.target.kind = cases[i].target;
		oops_say_what(&explanation, text, sizeof(text));
		cr_expect_str_eq(text, cases[i].want);
	}
}

Test(cmd_oops_say, what_is_no_whole_page_fault_is_named_by_its_kind)
{
	char text[256];

	explanation.status = EXPLANATION_DAMAGED;
	oops_say_what(&explanation, text, sizeof(text));
	cr_expect_str_eq(text, "a page fault");
	for (int kind = 0; kind < CRASH_NR_KINDS; kind++) {
		crash.kind = (enum crash_kind)kind;
		text[0] = '\0';
		oops_say_what(&explanation, text, sizeof(text));
		cr_expect(text[0] && strcmp(text, "(null)") != 0, "%d", kind);
	}
}

static void expect_access(const char *want)
{
	char text[256];

	oops_say_access(&explanation, text, sizeof(text));
	cr_expect_str_eq(text, want);
}

Test(cmd_oops_say, the_access)
{
	struct instruction *in = &explanation.instruction;

	expect_access("");
	explanation.has_instruction = true;
	expect_access("");
	in->has_memory = true;
	in->memory = (struct instruction_memory){
		.is_write = true, .size_bytes = 8, .expression = "rdx"};
	expect_access("stores 8 bytes to rdx");
	in->has_source = true;
	in->source = (struct instruction_operand){"rcx", true, 0xffffffffc0ae2020};
	in->memory.has_address = true;
	in->memory.address = 0xffffffffaa6f0210;
	expect_access("stores 8 bytes, rcx=ffffffffc0ae2020, to rdx=ffffffffaa6f0210");
	in->source = (struct instruction_operand){"", true, 0x2a};
	in->memory.size_bytes = 1;
	expect_access("stores 1 byte, 0x2a, to rdx=ffffffffaa6f0210");
	in->memory.is_read = true;
	in->has_source = false;
	expect_access("changes 1 byte at rdx=ffffffffaa6f0210");
	in->memory.is_write = false;
	in->memory.size_bytes = 0;
	expect_access("reads at rdx=ffffffffaa6f0210");
}

Test(cmd_oops_say, the_denial_names_its_level)
{
	struct tables *tables = &explanation.tables;
	char text[256];

	oops_say_denial(&explanation, text, sizeof(text));
	cr_expect_str_eq(text, "the log has no page-table entries");
	tables->has_walk = true;
	tables->is_cut = true;
	oops_say_denial(&explanation, text, sizeof(text));
	cr_expect_str_eq(text,
			 "the entries end above the page: what denied the access is "
			 "not in the log");
	tables->format.levels = 4;
	tables->walk.steps[2].level = PT_PMD;
	tables->denied_by = 2;
	tables->denial = TABLES_NO_RW;
	oops_say_denial(&explanation, text, sizeof(text));
	cr_expect_str_eq(text, "denied by the PMD: RW is clear");
	for (int denial = 0; denial <= TABLES_CONTRADICTION; denial++) {
		tables->denial = (enum tables_denial)denial;
		text[0] = '\0';
		oops_say_denial(&explanation, text, sizeof(text));
		cr_expect(text[0], "%d", denial);
	}
}
