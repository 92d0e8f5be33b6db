/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn/expand.h"

#include <criterion/criterion.h>

#include "look.h"

enum { HELPER = 2, SEALED };

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}

static const unsigned char text[] = {
	[0x00] = 0x48, 0xc7, 0xc7, 0,	 0,    0,    0,	   /* mov $sealed, %rdi */
	[0x07] = 0xe8, 0,    0,	   0,	 0,		   /* call helper */
	[0x0c] = 0x74, 0x02,				   /* je 0x10 */
	[0x0e] = 0xff, 0xe0,				   /* jmp *%rax */
	[0x10] = 0x48, 0x8d, 0x44, 0x24, 8,		   /* lea 8(%rsp), %rax */
	[0x15] = 0x48, 0x89, 0xc3,			   /* mov %rax, %rbx */
	[0x18] = 0x48, 0x89, 0xe3,			   /* mov %rsp, %rbx */
	[0x1b] = 0x0f, 0x20, 0xc0,			   /* mov %cr0, %rax */
	[0x1e] = 0x48, 0xc7, 0x00, 0xff, 0xff, 0xff, 0x7f, /* movq $0x7fffffff, (%rax) */
	[0x25] = 0xc3,
};

static const struct ko *module(const Elf64_Rela *rela, size_t nr_rela)
{
	static struct ko ko;

	ko = ko_of_code(text, sizeof(text));
	ko.sections[0].rela = rela;
	ko.sections[0].nr_rela = nr_rela;
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"helper",   SHN_UNDEF,	 0,
							 STT_NOTYPE, STB_GLOBAL, 0};
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"sealed",   SHN_UNDEF,	 0,
							 STT_NOTYPE, STB_GLOBAL, 0};
	return &ko;
}

/* Relocations may stand in any order. */
Test(insn_expand, what_is_relocated)
{
	static const Elf64_Rela rela[] = {RELA(0x08, HELPER, PLT32, -4),
					  RELA(0x03, SEALED, 32S, 0)};
	static struct look of;
	const struct code_section *section;
	struct code_branch branch;

	look_at(&of, module(rela, 2), NULL, 0);
	section = &of.inspect.code.sections[0];
	cr_expect_eq(expand_insn(section, 0)->imm_symbol, SEALED);
	cr_expect_eq((uint64_t)expand_insn(section, 0)->imm, 0xffffffff81200100);
	cr_expect_eq(expand_insn(section, 0)->disp_symbol, 0);
	cr_expect_eq(expand_insn(section, 1)->imm_symbol, HELPER);
	cr_expect_eq((uint64_t)expand_insn(section, 1)->imm, 0xffffffff81000100);
	cr_expect(expand_is_relocated(section, 1));
	cr_expect_not(expand_is_relocated(section, 2));
	expand_branch(section, 1, &branch);
	cr_expect_eq(branch.op, INSN_CALL);
	cr_expect_eq(branch.target, 0xffffffff81000100);
	expand_branch(section, 2, &branch);
	cr_expect_eq(branch.op, INSN_JCC);
	cr_expect_eq(branch.target, section->va + 0x10);
	look_away(&of);
}

/* Of two at one place, which no compiler makes, the first names the symbol. */
Test(insn_expand, two_at_one_place)
{
	static const Elf64_Rela rela[] = {RELA(0x03, SEALED, 32S, 0),
					  RELA(0x03, HELPER, NONE, 0),
					  RELA(0x08, HELPER, PLT32, -4)};
	static struct look of;
	const struct code_section *section;

	look_at(&of, module(rela, 3), NULL, 0);
	section = &of.inspect.code.sections[0];
	cr_expect_eq(expand_insn(section, 0)->imm_symbol, SEALED);
	cr_expect_eq(expand_insn(section, 1)->imm_symbol, HELPER);
	look_away(&of);
}

static unsigned bits(const uint64_t *bitmap, size_t nr)
{
	return (unsigned)(bitmap[0] & ((1ULL << nr) - 1));
}

Test(insn_expand, what_instructions_are)
{
	static const Elf64_Rela rela[] = {RELA(0x03, SEALED, 32S, 0),
					  RELA(0x08, HELPER, PLT32, -4)};
	enum {
		ADDRESS = 1 << 0,
		CALL = 1 << 1,
		BRANCH = 1 << 2,
		INDIRECT = 1 << 3,
		STACK = 1 << 4,
		FROM_STACK = 1 << 6,
		CONTROL = 1 << 7,
		END = 1 << 9,
	};
	static struct look of;
	const struct code_section *section;

	look_at(&of, module(rela, 2), NULL, 0);
	section = &of.inspect.code.sections[0];
	cr_assert_eq(section->nr_insns, 10);
	cr_expect_eq(bits(section->branches, 10), CALL | BRANCH);
	cr_expect_eq(bits(section->looks, 10), ADDRESS | STACK | FROM_STACK | CONTROL);
	cr_expect_eq(bits(section->notable, 10), ADDRESS | CALL | BRANCH | INDIRECT |
							 STACK | FROM_STACK | CONTROL |
							 END);
	cr_expect_eq(bits(section->functions, 10), 1);
	cr_expect_eq(bits(section->crossings, 10), 0);
	cr_expect_eq(section_last_notable(section, 0, 9), 7);
	cr_expect_eq(section_last_notable(section, 8, 9), 9, "none: the end");
	cr_expect_eq(section_next_notable(section, 5, 9), 6);
	cr_expect_eq(section_next_notable(section, 8, 9), 9, "none: the end");
	look_away(&of);
}
