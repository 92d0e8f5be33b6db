/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/relevant.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}
enum { OTHER_AT = 0x20 };
static unsigned char type_of_other = STT_FUNC;

/* Symbol 1: init_module at 0, 2: other at 0x20; 3: @name, the kernel's; 4: a constant of
 * the module's own, 5: a variable that holds @initial (a relocation), 6: helper.
 */
static bool is_reached(const unsigned char code[64], const Elf64_Rela *rela,
		       size_t nr_rela, const char *name, const Elf64_Rela *initial,
		       bool of_other)
{
	static const unsigned char zeros[8];
	static struct look of;
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, 64, rela,
			      nr_rela},
			     {".rodata", SHF_ALLOC, 0, "constant", 8, NULL, 0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 8, initial,
			      initial ? 1 : 0}},
		.nr_sections = 3,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"other", 1, OTHER_AT, type_of_other, STB_LOCAL, 0},
			    {name, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"own", 2, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"own_variable", 3, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"helper", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 6,
	};
	struct relevant relevant;
	bool is_reached;

	look_at(&of, &ko, NULL, 0);
	cr_assert_eq(relevant_open(&relevant, &of.input), 0);
	cr_assert_eq(relevant.nr, 2);
	cr_assert_eq(relevant.ranges[1].va, of.inspect.mod.sections[1].va + OTHER_AT);
	is_reached = relevant_is(&relevant, &relevant.ranges[of_other]);
	relevant_close(&relevant);
	look_away(&of);
	return is_reached;
}

/* mov $own, %rdi; call helper; ret */
Test(dataflow_relevant, a_string_for_a_function_outside_is_none)
{
	static const unsigned char code[64] = {0x48, 0xc7, 0xc7, 0, 0, 0,   0,
					       0xe8, 0,	   0,	 0, 0, 0xc3};
	static const Elf64_Rela rela[] = {RELA(3, 4, 32S, 0), RELA(8, 6, PLT32, -4)};

	cr_expect(!is_reached(code, rela, 2, "variable", NULL, false));
}

/* mov $own, %rdi; movb $0, (%rdi); ret */
Test(dataflow_relevant, a_constant_that_is_used_is_one)
{
	static const unsigned char code[64] = {0x48, 0xc7, 0xc7, 0, 0,	 0,
					       0,    0xc6, 0x07, 0, 0xc3};
	static const Elf64_Rela rela[] = {RELA(3, 4, 32S, 0)};

	cr_expect(is_reached(code, rela, 1, "variable", NULL, false));
}

/* je other + 1; ret, and other: nop; movb $0, NAME(%rip); ret */
static const unsigned char jump[64] = {0x0f, 0x84, 0x1b, 0, 0, 0, 0xc3, [OTHER_AT] = 0x90,
				       0xc6, 0x05, 0,	 0, 0, 0, 0,	0xc3};

Test(dataflow_relevant, reached_by_a_jump)
{
	static const Elf64_Rela rela[] = {RELA(OTHER_AT + 3, 3, PC32, -5)};

	cr_expect(is_reached(jump, rela, 1, "sealed", NULL, true));
	cr_expect(is_reached(jump, rela, 1, "sealed", NULL, false));
	cr_expect(!is_reached(jump, rela, 1, "variable", NULL, true));
	cr_expect(!is_reached(jump, rela, 1, "variable", NULL, false));
}

/* Without a symbol a call tells where a function starts, and so what a jump leaves. */
Test(dataflow_relevant, reached_by_a_jump_into_what_has_no_name)
{
	/* call other; je other + 1; ret */
	static const unsigned char code[64] = {
		0xe8, 0x1b, 0, 0, 0, 0x0f, 0x84, 0x16, 0, 0, 0, 0xc3, [OTHER_AT] = 0x90,
		0xc6, 0x05, 0, 0, 0, 0,	   0,	 0xc3};
	static const Elf64_Rela rela[] = {RELA(OTHER_AT + 3, 3, PC32, -5)};

	type_of_other = STT_NOTYPE;
	cr_expect(is_reached(code, rela, 1, "sealed", NULL, false));
	cr_expect(!is_reached(code, rela, 1, "variable", NULL, false));
}

Test(dataflow_relevant, not_reached_from_behind_the_end)
{
	/* ret; je other + 1; ret */
	static const unsigned char code[64] = {
		0xc3, 0x0f, 0x84, 0x1a, 0, 0, 0, 0xc3, [OTHER_AT] = 0x90,
		0xc6, 0x05, 0,	  0,	0, 0, 0, 0xc3};
	/* jne 3; ret; 3: je other + 1; ret */
	static const unsigned char alive[64] = {
		0x75, 0x01, 0xc3, 0x0f, 0x84, 0x18, 0, 0,   0, 0xc3, [OTHER_AT] = 0x90,
		0xc6, 0x05, 0,	  0,	0,    0,    0, 0xc3};
	static const Elf64_Rela rela[] = {RELA(OTHER_AT + 3, 3, PC32, -5)};

	cr_expect(!is_reached(code, rela, 1, "sealed", NULL, false));
	cr_expect(is_reached(alive, rela, 1, "sealed", NULL, false));
}

/* Control goes on behind the last instruction. */
Test(dataflow_relevant, reached_by_going_on)
{
	unsigned char code[64];
	static const Elf64_Rela rela[] = {RELA(OTHER_AT + 3, 3, PC32, -5)};

	memset(code, 0x90, sizeof(code));
	memcpy(code + OTHER_AT, jump + OTHER_AT, 9);
	cr_expect(is_reached(code, rela, 1, "sealed", NULL, false));
	code[OTHER_AT - 1] = 0xc3;
	cr_expect(!is_reached(code, rela, 1, "sealed", NULL, false));
}

/* A jump to where no instruction starts may lead anywhere. */
Test(dataflow_relevant, a_jump_into_an_instruction_is_one)
{
	/* jmp 1; mov $1, %eax; ret */
	static const unsigned char code[64] = {0xeb, 0x01, 0xb8, 1, 0, 0, 0, 0xc3};

	cr_expect(is_reached(code, NULL, 0, "variable", NULL, false));
}

/* mov own_variable(%rip), %rax; movb $0, (%rax); ret */
Test(dataflow_relevant, a_variable_that_holds_a_sealed_address_is_one)
{
	static const unsigned char code[64] = {0x48, 0x8b, 0x05, 0, 0,	 0,
					       0,    0xc6, 0x00, 0, 0xc3};
	static const Elf64_Rela rela[] = {RELA(3, 5, PC32, -4)};
	static const Elf64_Rela initial = RELA(0, 3, 64, 0);

	cr_expect(is_reached(code, rela, 1, "sealed", &initial, false));
	cr_expect(!is_reached(code, rela, 1, "variable", &initial, false));
	cr_expect(!is_reached(code, rela, 1, "sealed", NULL, false));
}

/* mov %cr0, %rax; ret */
Test(dataflow_relevant, a_control_register_is_one)
{
	static const unsigned char code[64] = {0x0f, 0x20, 0xc0, 0xc3};

	cr_expect(is_reached(code, NULL, 0, "variable", NULL, false));
}
