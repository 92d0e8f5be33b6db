/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an object's address goes: through registers and through the stack. */
#include "dataflow/escape.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"
#include "insn/expand.h"

struct trail_case {
	const char *name;
	unsigned char code[32];
	enum escape_kind kind;
	bool escapes, is_planted;
	uint8_t helper_at; /* where the operand of a call of helper() is; 0: nowhere */
};

/* Of the first instruction, which has the address of something. */
static void follow(const struct trail_case *of)
{
	Elf64_Rela rela = {.r_offset = of->helper_at,
			   .r_info = ELF64_R_INFO(2, R_X86_64_PLT32),
			   .r_addend = -4};
	static struct look look;
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, of->code,
			      sizeof(of->code), &rela, of->helper_at ? 1 : 0}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"helper", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};
	bool is_planted = false;
	struct code_site site = {0};
	struct classifier classifier;

	look_at(&look, &ko, NULL, 0);
	cr_assert_eq(classify_open(&classifier, &look.input), 0);
	site.section = &look.input.code->sections[0];
	site.insn = expand_insn(site.section, 0);
	cr_expect_eq(address_escapes(&classifier, &site, of->kind, &is_planted),
		     of->escapes, "%s", of->name);
	cr_expect_eq(is_planted, of->is_planted, "%s: planted", of->name);
	classify_close(&classifier);
	look_away(&look);
}

Test(dataflow_escape, through_registers)
{
	static const struct trail_case cases[] = {
		{"mov $object, %rax; mov %rax, (%rbx); ret",
		 {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0x48, 0x89, 0x03, 0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 true,
		 0},
		{"the same of what is sealed",
		 {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0x48, 0x89, 0x03, 0xc3},
		 ESCAPE_SEALED,
		 true,
		 true,
		 0},
		{"mov $object, %rax; jmp init_module + 7: ret",
		 {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 false,
		 0},
		{"the same where calls are followed",
		 {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0xc3},
		 ESCAPE_EXACT,
		 true,
		 false,
		 0},
		{"lea 8(%rsp), %rdi; call helper; ret",
		 {0x48, 0x8d, 0x7c, 0x24, 8, 0xe8, 0, 0, 0, 0, 0xc3},
		 ESCAPE_STACK | ESCAPE_WRITABLE,
		 false,
		 false,
		 6},
		{"lea 8(%rsp), %rdi; mov 8(%rdi), %rax; ret",
		 {0x48, 0x8d, 0x7c, 0x24, 8, 0x48, 0x8b, 0x47, 8, 0xc3},
		 ESCAPE_STACK | ESCAPE_WRITABLE,
		 true,
		 false,
		 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		follow(&cases[i]);
}

Test(dataflow_escape, through_the_stack)
{
	static const struct trail_case cases[] = {
		{"movq $object, 8(%rsp); mov 8(%rsp), %rax; movb $0, (%rax); ret",
		 {0x48, 0xc7, 0x44, 0x24, 8, 0, 0, 0, 0, 0x48, 0x8b, 0x44, 0x24, 8, 0xc6,
		  0, 0, 0xc3},
		 ESCAPE_CONSTANT,
		 true,
		 true,
		 0},
		{"another slot: mov 16(%rsp), %rax",
		 {0x48, 0xc7, 0x44, 0x24, 8, 0, 0, 0, 0, 0x48, 0x8b, 0x44, 0x24, 16, 0xc6,
		  0, 0, 0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 true,
		 0},
		{"half of another and half of this: mov 12(%rsp), %rax",
		 {0x48, 0xc7, 0x44, 0x24, 8, 0, 0, 0, 0, 0x48, 0x8b, 0x44, 0x24, 12, 0xc6,
		  0, 0, 0xc3},
		 ESCAPE_CONSTANT,
		 true,
		 true,
		 0},
		{"overwritten in between: mov %rcx, 8(%rsp)",
		 {0x48, 0xc7, 0x44, 0x24, 8,	0,    0, 0,    0, 0x48, 0x89, 0x4c,
		  0x24, 8,    0x48, 0x8b, 0x44, 0x24, 8, 0xc6, 0, 0,	0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 true,
		 0},
		{"behind a push: push %rbx; mov 16(%rsp), %rax",
		 {0x48, 0xc7, 0x44, 0x24, 8,  0,    0, 0, 0,	0x53,
		  0x48, 0x8b, 0x44, 0x24, 16, 0xc6, 0, 0, 0x5b, 0xc3},
		 ESCAPE_CONSTANT,
		 true,
		 true,
		 0},
		{"another: push %rbx; mov 8(%rsp), %rax",
		 {0x48, 0xc7, 0x44, 0x24, 8, 0,	   0, 0, 0,    0x53,
		  0x48, 0x8b, 0x44, 0x24, 8, 0xc6, 0, 0, 0x5b, 0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 true,
		 0},
		{"push $object; call helper; add $8, %rsp; ret",
		 {0x6a, 0, 0xe8, 0, 0, 0, 0, 0x48, 0x83, 0xc4, 8, 0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 true,
		 3},
		{"push $object; call helper; pop %rax; movb $0, (%rax); ret",
		 {0x6a, 0, 0xe8, 0, 0, 0, 0, 0x58, 0xc6, 0, 0, 0xc3},
		 ESCAPE_CONSTANT,
		 true,
		 true,
		 3},
		{"mov $object, %rax; mov %rax, 8(%rsp); ret",
		 {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0x48, 0x89, 0x44, 0x24, 8, 0xc3},
		 ESCAPE_CONSTANT,
		 false,
		 true,
		 0},
		{"the same where memory is followed",
		 {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0x48, 0x89, 0x44, 0x24, 8, 0xc3},
		 ESCAPE_EXACT,
		 true,
		 true,
		 0},
		{"the stack's own: lea 8(%rsp), %rax; mov %rax, 16(%rsp); ret",
		 {0x48, 0x8d, 0x44, 0x24, 8, 0x48, 0x89, 0x44, 0x24, 16, 0xc3},
		 ESCAPE_STACK | ESCAPE_WRITABLE,
		 false,
		 false,
		 0},
		{"filled: lea 8(%rsp), %rdi; rep stos; ret",
		 {0x48, 0x8d, 0x7c, 0x24, 8, 0xf3, 0x48, 0xab, 0xc3},
		 ESCAPE_STACK | ESCAPE_WRITABLE,
		 false,
		 false,
		 0},
		{"a constant, filled: mov $object, %rdi; rep stos; ret",
		 {0x48, 0xc7, 0xc7, 0, 0, 0, 0, 0xf3, 0x48, 0xab, 0xc3},
		 ESCAPE_CONSTANT,
		 true,
		 false,
		 0},
		{"moved by what is not known: movq $object, 8(%rsp); sub %rax, %rsp",
		 {0x48, 0xc7, 0x44, 0x24, 8, 0, 0, 0, 0, 0x48, 0x29, 0xc4, 0xc3},
		 ESCAPE_CONSTANT,
		 true,
		 true,
		 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		follow(&cases[i]);
}

/* "add 0(%rip), %rax" is the instruction numbered @i. */
static bool begins_unknown(const unsigned char code[32], size_t i)
{
	static struct look look;
	struct code_site site = {.i = i};
	bool is_unknown;

	site.section = look_at_code(&look, code, 32);
	site.insn = expand_insn(site.section, i);
	is_unknown = address_joins_unknown(&site);
	look_away(&look);
	return is_unknown;
}

Test(dataflow_escape, what_was_there_before)
{
	/* mov (%rbx), %rax; sar $6, %rax; shl $12, %rax */
	static const unsigned char page[32] = {0x48, 0x8b, 0x03, 0x48, 0xc1, 0xf8, 6,
					       0x48, 0xc1, 0xe0, 12,   0x48, 0x03, 0x05,
					       0,    0,	   0,	 0,    0xc3};
	/* mov $0xf0000, %eax */
	static const unsigned char constant[32] = {0xb8, 0, 0, 0x0f, 0, 0x48, 0x03,
						   5,	 0, 0, 0,    0, 0xc3};
	/* mov 8(%rsp), %rax */
	static const unsigned char stack[32] = {0x48, 0x8b, 0x44, 0x24, 8, 0x48, 0x03,
						5,    0,    0,	  0,	0, 0xc3};
	/* The function's first: whatever its caller has. */
	static const unsigned char first[32] = {0x48, 0x03, 5, 0, 0, 0, 0, 0xc3};

	cr_expect(begins_unknown(page, 3));
	cr_expect_not(begins_unknown(constant, 1));
	cr_expect_not(begins_unknown(stack, 1));
	cr_expect_not(begins_unknown(first, 0));
}
