/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/decode.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "look.h"

/* What is remembered of a form must leave an instruction as a first look at it does. */
Test(module_decode, a_known_form_changes_nothing)
{
	static const unsigned char code[] = {
		0x48, 0x8b, 0x05, 0x10, 0,    0,    0,	  /* mov 0x10(%rip), %rax */
		0x48, 0x8b, 0x05, 0xf0, 0xff, 0xff, 0xff, /* mov -0x10(%rip), %rax */
		0x48, 0x8b, 0x43, 0x18,			  /* mov 0x18(%rbx), %rax */
		0x48, 0x8b, 0x43, 0xe8,			  /* mov -0x18(%rbx), %rax */
		0x48, 0x83, 0x64, 0x24, 0x08, 0xf0,	  /* andq $-16, 8(%rsp) */
		0x48, 0x83, 0x64, 0x24, 0x80, 0x7f,	  /* andq $127, -128(%rsp) */
		0x66, 0xc7, 0x00, 0x34, 0x12,		  /* movw $0x1234, (%rax) */
		0x48, 0xb8, 1,	  2,	3,    4,    5,	  6, 7, 0x88, /* movabs */
		0x75, 0xfe,					      /* jne . */
		0x0f, 0x84, 0,	  1,	0,    0,		      /* je .+0x106 */
		0xd1, 0xe0,					      /* shl %eax */
		0x62, 0xf1, 0x7d, 0x48, 0x7f, 0x40, 0x01, /* vmovdqa32 to 64(%rax) */
		0xc5, 0xf9, 0x7f, 0x40, 0x01,		  /* vmovdqa to 1(%rax) */
		0xc3,
	};
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      NULL, 0}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL}},
		.nr_symbols = 1,
	};
	static struct look of;
	const struct code_section *first;
	struct code_section again;
	size_t nr_undecoded = 0;

	look_at(&of, &ko, NULL, 0);
	first = &of.inspect.code.sections[0];
	again = *first;
	again.insns = NULL;
	again.notable = NULL;
	again.nr_insns = 0;
	cr_assert_gt(of.space.forms.nr, 0);
	cr_assert_eq(
		decode_section(&of.space.forms, &of.inspect.place, &again, &nr_undecoded),
		0);
	cr_expect_eq(nr_undecoded, 0);
	cr_assert_eq(again.nr_insns, first->nr_insns);
	for (size_t i = 0; i < again.nr_insns; i++) {
		const struct insn *a = &first->insns[i], *b = &again.insns[i];

		cr_expect_eq(a->disp, b->disp, "%zu", i);
		cr_expect_eq(a->imm, b->imm, "%zu", i);
		cr_expect_eq(a->op, b->op);
		cr_expect_eq(a->bytes, b->bytes);
		cr_expect_eq(a->mem_bytes, b->mem_bytes);
	}
	/* Both of a form, each with its own values. */
	cr_expect_eq(first->insns[1].disp - first->insns[0].disp, 7 - 0x20);
	cr_expect_eq(first->insns[3].disp, -0x18);
	cr_expect_eq(first->insns[4].imm, -16);
	cr_expect_eq(first->insns[5].disp, -128);
	cr_expect_eq(first->insns[5].imm, 127);
	cr_expect_eq(first->insns[6].imm, 0x1234);
	cr_expect_eq((uint64_t)first->insns[7].imm, 0x8807060504030201);
	cr_expect_eq((uint64_t)first->insns[8].imm, first->va + first->insns[8].offset);
	cr_expect_eq(first->insns[11].disp, 64, "scaled");
	free(again.insns);
	free(again.index);
	free(again.notable);
	look_away(&of);
}

/* At every byte, whether an instruction starts there or not; some are of none. */
Test(module_decode, instructions_are_found_by_address)
{
	/* Behind these, "add %al, (%rax)" to the end. */
	static const unsigned char text[200] = {0x48, 0x89, 0xe5, 0x06, 0x06, 0x06, 0x48,
						0x8b, 0x00, 0x66, 0x0f, 0x1f, 0x84, 0x00,
						0x00, 0x00, 0x00, 0x00, 0xc3};
	static const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, text, sizeof(text),
			      NULL, 0}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL}},
		.nr_symbols = 1,
	};
	static struct look of;
	const struct code *code;
	const struct code_section *section, *in;
	size_t i = 0;

	look_at(&of, &ko, NULL, 0);
	code = &of.inspect.code;
	section = &code->sections[0];
	cr_assert_gt(code->nr_undecoded, 0);
	for (uint64_t offset = 0; offset < section->size_bytes; offset++) {
		uint64_t va = section->va + offset;
		const struct insn *after = NULL, *at = NULL;

		while (i < section->nr_insns && section->insns[i].offset < offset)
			i++;
		if (i < section->nr_insns)
			after = &section->insns[i];
		if (after && after->offset == offset)
			at = after;
		cr_expect_eq(code_after(code, va, &in), after, "%lu", offset);
		cr_expect_eq(code_at(code, va, &in), at, "%lu", offset);
	}
	cr_expect_null(code_at(code, section->va + section->size_bytes, &in));
	look_away(&of);
}
