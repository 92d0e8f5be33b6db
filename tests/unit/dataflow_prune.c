/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/prune.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

/* The instructions that are pruned, bit n for number n, of @code, which stores to sealed
 * memory by the displacement at @store_at.
 */
static unsigned pruned_ones(const unsigned char code[32], uint64_t store_at)
{
	Elf64_Rela rela = {.r_offset = store_at,
			   .r_info = ELF64_R_INFO(2, R_X86_64_PC32),
			   .r_addend = -5};
	static struct look of;
	struct relevant relevant;
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, 32, &rela, 1}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};
	const struct code_section *section;
	unsigned pruned = 0;

	look_at(&of, &ko, NULL, 0);
	cr_assert_eq(relevant_open(&relevant, &of.input), 0);
	cr_assert_eq(relevant.nr, 1);
	prune_mark(&relevant, &relevant.ranges[0]);
	section = &of.input.code->sections[0];
	for (size_t i = 0; i < section->nr_insns && i < 32; i++)
		pruned |= (unsigned)prune_has(section, i) << i;
	relevant_close(&relevant);
	look_away(&of);
	return pruned;
}

Test(dataflow_prune, what_leads_to_a_store_is_not)
{
	/* test %edi, %edi; je 7; incl (%rbx); ret; 7: movb $1, sealed; incl (%rbx); ret
	 */
	static const unsigned char code[32] = {0x85, 0xff, 0x74, 0x03, 0xff, 0x03,
					       0xc3, 0xc6, 0x05, 0,    0,    0,
					       0,    1,	   0xff, 0x03, 0xc3};

	cr_expect_eq(pruned_ones(code, 9) & 0x7f, 0x6c);
}

Test(dataflow_prune, a_loop_around_it_is_not)
{
	/* incl (%rbx); 2: movb $1, sealed; incl (%rbx); jmp 2; ret */
	static const unsigned char code[32] = {0xff, 0x03, 0xc6, 0x05, 0,    0,	   0,
					       0,    1,	   0xff, 0x03, 0xeb, 0xf5, 0xc3};

	cr_expect_eq(pruned_ones(code, 4) & 0x1f, 0x10);
}

/* Where an indirect jump goes is not seen. */
Test(dataflow_prune, an_indirect_jump_is_not)
{
	/* movb $1, sealed; incl (%rbx); jmp *%rax */
	static const unsigned char code[32] = {0xc6, 0x05, 0,	 0,    0,   0,
					       1,    0xff, 0x03, 0xff, 0xe0};

	cr_expect_eq(pruned_ones(code, 2) & 0x7, 0);
}

Test(dataflow_prune, what_is_plain)
{
	static const struct {
		struct value value;
		bool is_plain;
	} cases[] = {
		{{.kind = VALUE_TOP}, true},
		{{.kind = VALUE_TOP, .flags = VALUE_TABLE}, false},
		{{.kind = VALUE_TOP, .flags = VALUE_CR0}, false},
		{{.kind = VALUE_RESULT, .n = 0xffffffff81000000}, true},
		{{.kind = VALUE_EXACT, .n = 7}, true},
		{{.kind = VALUE_EXACT, .n = (uint64_t)-22}, true},
		{{.kind = VALUE_EXACT, .n = 0xffffffff81400000}, false},
		{{.kind = VALUE_NEAR, .n = 0xffffffff81200000}, false},
		{{.kind = VALUE_NEAR, .n = 0xffff888000000000}, true},
		{{.kind = VALUE_ALIAS, .n = 0xffffffff81200000}, false},
	};
	static const struct landmarks landmarks = {.page_offset = 0xffff888000000000};
	struct state state = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		state.registers[X86_RBX] = cases[i].value;
		cr_expect_eq(prune_is_plain(&landmarks, &state, false), cases[i].is_plain,
			     "%zu", i);
	}
	memset(&state, 0, sizeof(state));
	state.bits = STATE_CELLS_LOST | STATE_FORKED;
	cr_expect(prune_is_plain(&landmarks, &state, false));
	state.bits = STATE_WP_CLEARED;
	cr_expect_not(prune_is_plain(&landmarks, &state, false));
	/* A function may have returned the address of a page-table entry. */
	state.bits = 0;
	state.registers[X86_RBX] = (struct value){.kind = VALUE_RESULT};
	cr_expect_not(prune_is_plain(&landmarks, &state, true));
}
