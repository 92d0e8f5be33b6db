/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn/code.h"

#include <criterion/criterion.h>

#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}
enum { INIT = 1, COLD, TEXT };

static const unsigned char text[] = {
	[0x00] = 0x74, 0x03,		    /* je 5 */
	[0x02] = 0x0f, 0x0b,		    /* ud2 */
	[0x04] = 0x90,			    /* nop */
	[0x05] = 0x0f, 0x0b,		    /* ud2 */
	[0x07] = 0xe9, 0,    0,	   0,	 0, /* jmp 0c */
	[0x0c] = 0x90, 0x90, 0x90, 0x90,    /* nops */
	[0x10] = 0xe8, 0x02, 0,	   0,	 0, /* init.cold: call 17 */
	[0x15] = 0xeb, 0xed,		    /* jmp 4 */
	[0x17] = 0xb8, 1,    0,	   0,	 0, /* mov $1, %eax */
	[0x1c] = 0xeb, 0xfa,		    /* jmp 18: into it */
	[0x1e] = 0xc3,
};

static uint16_t marks_at(const struct code *code, uint64_t offset)
{
	const struct code_section *section;
	size_t i;

	cr_assert(code_find(code, code->sections[0].va + offset, &section, &i), "%lx",
		  offset);
	return section->marks[i];
}

static void decode(struct look *of)
{
	static const unsigned char zeros[64];
	/* struct bug_entry of 6.1: addr, file, line and flags, of 12 bytes; the first
	 * says WARNING, the second does not.
	 */
	static const unsigned char bugs[24] = {[10] = 1};
	static const Elf64_Rela bug_rela[] = {RELA(0, TEXT, PC32, 2),
					      RELA(12, TEXT, PC32, 5)};
	static const Elf64_Rela jump_rela[] = {RELA(0, TEXT, PC32, 7),
					       RELA(4, TEXT, PC32, 0xd)};
	static const Elf64_Rela data_rela[] = {RELA(0, TEXT, 64, 0xe)};
	static const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, text, sizeof(text),
			      NULL, 0},
			     {"__bug_table", SHF_ALLOC | SHF_WRITE, 0, bugs, sizeof(bugs),
			      bug_rela, 2},
			     {"__jump_table", SHF_ALLOC | SHF_WRITE, 0, zeros, 16,
			      jump_rela, 2},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 8, data_rela, 1}},
		.nr_sections = 4,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"init_module.cold", 1, 0x10, STT_FUNC, STB_LOCAL, 0},
			    {"", 1, 0, STT_SECTION, STB_LOCAL, 0}},
		.nr_symbols = 3,
	};

	look_at(of, &ko, NULL, 0);
}

Test(insn_code, where_control_comes_from_elsewhere)
{
	static struct look of;
	const struct code *code = &of.inspect.code;

	decode(&of);
	cr_expect_eq(marks_at(code, 0), INSN_LEADER | INSN_FUNCTION);
	cr_expect_eq(marks_at(code, 0x10), INSN_LEADER | INSN_PART);
	cr_expect_eq(marks_at(code, 0x17), INSN_LEADER | INSN_FUNCTION, "called");
	cr_expect_eq(marks_at(code, 4), INSN_LEADER, "out of the cold part");
	cr_expect_eq(marks_at(code, 0xc), INSN_LEADER, "a jump");
	cr_expect_eq(marks_at(code, 0xe), INSN_LEADER | INSN_ENTERED, "data has it");
	cr_expect_eq(marks_at(code, 0xf), 0);
	cr_expect(code->has_unnamed, "a function without a symbol is called");
	cr_expect_eq(code->nr_bad_targets, 1);
	cr_expect_eq(code->nr_undecoded, 0);
	look_away(&of);
}

Test(insn_code, a_warning_goes_on_and_a_bug_does_not)
{
	static struct look of;

	decode(&of);
	cr_expect_eq(marks_at(&of.inspect.code, 2), INSN_WARN);
	cr_expect_eq(marks_at(&of.inspect.code, 5), INSN_LEADER);
	look_away(&of);
}

Test(insn_code, static_branches)
{
	static struct look of;
	const struct code *code = &of.inspect.code;
	const struct code_edge *edge;
	uint64_t va;

	decode(&of);
	va = code->sections[0].va;
	cr_expect_eq(marks_at(code, 7), INSN_SITE);
	cr_expect_eq(marks_at(code, 0xd), INSN_LEADER);
	cr_assert_eq(code->nr_edges, 1);
	edge = code_edge_from(code, va + 7);
	cr_assert_not_null(edge);
	cr_expect_eq(edge->to, va + 0xd);
	cr_expect_null(code_edge_from(code, va + 6));
	cr_expect_null(code_edge_from(code, va + 8));
	cr_expect_eq(code_first_edge(code, va), 0);
	cr_expect_eq(code_first_edge(code, va + 8), 1);
	look_away(&of);
}

Test(insn_code, an_address_leads_to_its_instruction)
{
	static struct look of;
	const struct code *code = &of.inspect.code;
	const struct code_section *section;
	uint64_t va;

	decode(&of);
	va = code->sections[0].va;
	cr_assert_not_null(code_at(code, va + 0x17, &section));
	cr_expect_eq(code_at(code, va + 0x17, &section)->op, INSN_MOV);
	cr_expect_eq(section, &code->sections[0]);
	cr_expect_null(code_at(code, va + 0x18, &section));
	cr_expect_null(code_section_of(code, va - 1));
	cr_expect_null(code_section_of(code, va + sizeof(text)));
	cr_expect_eq(code_section_of(code, va + sizeof(text) - 1), section);
	look_away(&of);
}

Test(insn_code, what_only_the_kernels_machinery_reads)
{
	cr_expect(code_is_metadata("__bug_table"));
	cr_expect(code_is_metadata(".orc_unwind_ip"));
	cr_expect_not(code_is_metadata(".data"));
	cr_expect_not(code_is_metadata("__ex_table"), "its fix-ups are reached");
}
