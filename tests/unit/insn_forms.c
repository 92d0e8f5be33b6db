/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn/forms.h"

#include <criterion/criterion.h>

#include "look.h"
#include "insn/expand.h"

/* What is remembered of a form must leave an instruction as a first look at it does. */
Test(insn_forms, a_known_form_changes_nothing)
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
	static struct look of;
	const struct code_section *first, *second;
	struct code again;

	first = look_at_code(&of, code, sizeof(code));
	cr_assert_gt(of.kept.forms.nr, 0);
	cr_assert_eq(code_decode(&again, &of.inspect.mod, &of.kept.forms), 0);
	second = &again.sections[0];
	cr_expect_eq(again.nr_undecoded, 0);
	cr_assert_eq(second->nr_insns, first->nr_insns);
	for (size_t i = 0; i < first->nr_insns; i++)
		cr_expect_arr_eq(expand_insn(second, i), expand_insn(first, i),
				 sizeof(struct insn), "%zu", i);
	/* Two of a form, each with its own values. */
	cr_expect_eq(expand_insn(first, 1)->disp - expand_insn(first, 0)->disp, 7 - 0x20);
	cr_expect_eq(expand_insn(first, 3)->disp, -0x18);
	cr_expect_eq(expand_insn(first, 4)->imm, -16);
	cr_expect_eq(expand_insn(first, 5)->disp, -128);
	cr_expect_eq(expand_insn(first, 5)->imm, 127);
	cr_expect_eq(expand_insn(first, 6)->imm, 0x1234);
	cr_expect_eq((uint64_t)expand_insn(first, 7)->imm, 0x8807060504030201);
	cr_expect_eq((uint64_t)expand_insn(first, 8)->imm,
		     first->va + expand_insn(first, 8)->offset);
	cr_expect_eq(expand_insn(first, 11)->disp, 64, "scaled");
	code_close(&again);
	look_away(&of);
}

/* Instructions that differ in registers only are of one form, known from the first. */
Test(insn_forms, registers_make_no_form)
{
	static const unsigned char code[] = {
		0x48, 0x8b, 0x43, 0x08,	      /* mov 8(%rbx), %rax */
		0x4d, 0x8b, 0x7e, 0x10,	      /* mov 16(%r14), %r15 */
		0x48, 0x8b, 0x4c, 0xcd, 0x18, /* mov 24(%rbp, %rcx, 8), %rcx */
		0x4e, 0x8b, 0x64, 0x24, 0x20, /* mov 32(%rsp, %r12), %r12 */
		0x49, 0x8b, 0x44, 0x24, 0x28, /* mov 40(%r12), %rax */
		0x41, 0x57,		      /* push %r15 */
		0x41, 0x54,		      /* push %r12 */
	};
	static const struct {
		uint8_t dst, base, index, scale;
	} expected[] = {
		{X86_RAX, X86_RBX, INSN_NO_REGISTER, 0}, {15, 14, INSN_NO_REGISTER, 0},
		{X86_RCX, X86_RBP, X86_RCX, 8},		 {12, X86_RSP, 12, 1},
		{X86_RAX, 12, INSN_NO_REGISTER, 0},
	};
	static struct look of;
	const struct code_section *section = look_at_code(&of, code, sizeof(code));

	cr_assert_eq(section->nr_insns, 7);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct insn *insn = expand_insn(section, i);

		cr_expect_eq(insn->dst, expected[i].dst, "%zu", i);
		cr_expect_eq(insn->clobbers, 1 << expected[i].dst, "%zu", i);
		cr_expect_eq(insn->base, expected[i].base, "%zu", i);
		cr_expect_eq(insn->index, expected[i].index, "%zu", i);
		cr_expect_eq(insn->scale, expected[i].scale, "%zu", i);
		cr_expect_eq(insn->disp, 8 * (int64_t)(i + 1));
	}
	cr_expect_eq(expand_insn(section, 5)->src, 15);
	cr_expect_eq(expand_insn(section, 6)->src, 12);
	/* mov with and without SIB, and push. */
	cr_expect_eq(of.kept.forms.nr, 3);
	look_away(&of);
}

/* REX makes another instruction of nop, and another register of cr0. */
Test(insn_forms, what_rex_changes_is_no_register)
{
	static const unsigned char code[] = {
		0x90,			/* nop */
		0x48, 0x90,		/* the same */
		0x49, 0x90,		/* xchg %rax, %r8 */
		0x40, 0x0f, 0x22, 0xc0, /* mov %rax, %cr0 */
		0x44, 0x0f, 0x22, 0xc0, /* mov %rax, %cr8 */
		0x88, 0xe0,		/* mov %ah, %al */
		0x40, 0x88, 0xe0,	/* mov %spl, %al */
	};
	static struct look of;
	const struct code_section *section = look_at_code(&of, code, sizeof(code));

	cr_assert_eq(section->nr_insns, 7);
	cr_expect_eq(expand_insn(section, 1)->clobbers, 0);
	cr_expect_eq(expand_insn(section, 2)->clobbers, 1 << X86_RAX | 1 << 8);
	cr_expect_eq(expand_insn(section, 3)->op, INSN_TO_CR0);
	cr_expect_neq(expand_insn(section, 4)->op, INSN_TO_CR0);
	cr_expect_eq(expand_insn(section, 5)->src, X86_RAX);
	cr_expect(expand_insn(section, 5)->flags & INSN_HIGH_BYTE);
	cr_expect_eq(expand_insn(section, 6)->src, X86_RSP);
	cr_expect_not(expand_insn(section, 6)->flags & INSN_HIGH_BYTE);
	look_away(&of);
}
