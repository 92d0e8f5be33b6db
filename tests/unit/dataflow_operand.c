/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/operand.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "insn/expand.h"
#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}

enum { SEALED = 2, OWN, VARIABLE };
static const uint64_t SEALED_VA = 0xffffffff81200100;

static struct look of;
static struct flow flow;
static struct activation activation;
static struct state *state;
static uint64_t own, variable;
static const struct code_section *section;

static void setup(void)
{
	static const unsigned char code[] = {
		0x48, 0xc7, 0xc7, 0,	0,    0,    0, /* mov $sealed, %rdi */
		0x48, 0x8b, 0x44, 0xcb, 8,	       /* mov 8(%rbx, %rcx, 8), %rax */
		0x65, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0, /* mov %gs:40, %rax */
		0xc3,
	};
	static const unsigned char constant[8] = {0xef, 0xbe, 0xad, 0xde};
	static const unsigned char zeros[8];
	static const Elf64_Rela rela[] = {RELA(3, SEALED, 32S, 0)};
	static const Elf64_Rela initial[] = {RELA(0, SEALED, 64, 0)};
	static const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      rela, 1},
			     {".rodata", SHF_ALLOC, 0, constant, 8, NULL, 0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 8, initial, 1}},
		.nr_sections = 3,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"own", 2, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"variable", 3, 0, STT_OBJECT, STB_LOCAL, 0}},
		.nr_symbols = 4,
	};

	look_at(&of, &ko, NULL, 0);
	look_flow(&of, &flow);
	section = &of.input.code->sections[0];
	own = of.input.mod->sections[2].va;
	variable = of.input.mod->sections[3].va;
	activation = (struct activation){.flow = &flow, .is_exact = true};
	state = calloc(1, state_bytes(STATE_MAX_CELLS));
	cr_assert_not_null(state);
	state->room = STATE_MAX_CELLS;
}

static void teardown(void)
{
	free(state);
	look_away(&of);
}

TestSuite(dataflow_operand, .init = setup, .fini = teardown);

static struct value load(uint64_t at)
{
	return operand_load(&activation, state, value_exact(at), 8);
}

Test(dataflow_operand, constants)
{
	cr_expect_eq(operand_constant(&of.input, 7, true).flags, 0);
	cr_expect_eq(operand_constant(&of.input, SEALED_VA, true).flags,
		     VALUE_HOT | VALUE_ADDRESS);
	cr_expect_eq(operand_constant(&of.input, SEALED_VA, false).flags, VALUE_HOT);
	cr_expect_eq(operand_constant(&of.input, own, true).flags, VALUE_ADDRESS);
	cr_expect_eq(operand_constant(&of.input, (uint64_t)-22, true).flags, 0);
}

Test(dataflow_operand, operands_of_instructions)
{
	struct value value = operand_value(&activation, state, expand_insn(section, 0),
					   INSN_IMMEDIATE, 8);
	const struct insn *load = expand_insn(section, 1);

	cr_expect_eq(value.n, SEALED_VA);
	cr_expect_eq(value.flags, VALUE_HOT | VALUE_ADDRESS);
	state->registers[X86_RBX] = value_exact(0x1000);
	state->registers[X86_RCX] = value_exact(2);
	cr_expect_eq(operand_address(&activation, state, load).n, 0x1018);
	state->registers[X86_RCX] = value_top();
	cr_expect_eq(operand_address(&activation, state, load).kind, VALUE_TOP);
	state->registers[X86_RBX] = operand_constant(&of.input, SEALED_VA, true);
	cr_expect_eq(operand_address(&activation, state, load).kind, VALUE_NEAR);
	value = operand_value(&activation, state, expand_insn(section, 2), INSN_MEMORY,
			      8);
	cr_expect_eq(value.kind, VALUE_TOP, "of a per-CPU area");
	state->registers[X86_RBX] = value_exact(0x1234567890);
	cr_expect_eq(operand_value(&activation, state, load, X86_RBX, 4).n, 0x34567890);
}

/* Init finds a variable as it was built, until something unknown may have changed it. */
Test(dataflow_operand, variables_of_the_module)
{
	cr_expect_eq(load(variable).n, SEALED_VA);
	cr_expect_not(load(variable).flags & VALUE_INITIAL);
	state->bits = STATE_CELLS_LOST;
	cr_expect_eq(load(variable).flags & VALUE_INITIAL, VALUE_INITIAL);
	flow.root = FLOW_EXIT;
	state->bits = 0;
	cr_expect_eq(load(variable).flags & VALUE_INITIAL, VALUE_INITIAL);
	globals_note(&flow.globals, variable,
		     (struct value){.n = SEALED_VA + 8,
				    .kind = VALUE_EXACT,
				    .flags = VALUE_HOT});
	cr_expect_eq(load(variable).n, SEALED_VA + 8, "what another function stores");
	globals_note(&flow.globals, variable, value_top());
	cr_expect(load(variable).flags & VALUE_MAY);
	state_store(state, variable, 8, value_exact(5));
	cr_expect_eq(load(variable).n, 5, "what was stored on the way");
}

Test(dataflow_operand, constants_of_the_module_are_read)
{
	cr_expect_eq(load(own).kind, VALUE_EXACT);
	cr_expect_eq(load(own).n, 0xdeadbeef);
	cr_expect_eq(operand_load(&activation, state, value_exact(own), 2).n, 0xbeef);
	cr_expect_eq(load(0xffffffff81400100).kind, VALUE_TOP, "the kernel's data");
	of.space.landmarks.phys_base = SEALED_VA;
	cr_expect_eq(load(SEALED_VA).n, 0x2000000 - 0x1000000, "physical base");
}

Test(dataflow_operand, page_tables)
{
	struct value root = value_exact(0xffffffff81400180), entry;

	of.space.landmarks.init_mm_pgd = root.n;
	entry = operand_load(&activation, state, root, 8);
	cr_expect(entry.flags & VALUE_TABLE);
	cr_expect(operand_is_entry_address(&of.input, entry));
	entry = operand_load(&activation, state, entry, 8);
	cr_expect(entry.flags & VALUE_TABLE, "the next table's");
	cr_expect_not(operand_is_entry_address(&of.input, root));
	cr_expect_not(operand_is_entry_address(
		&of.input,
		(struct value){.kind = VALUE_RESULT, .n = 0xffffffff81000100}));
}

Test(dataflow_operand, msrs)
{
	struct value number = value_exact(0xc0000082);
	uint64_t content = 0;

	cr_expect_not(operand_msr(&of.input, number, &content), "not known");
	of.space.landmarks.syscall_entry = 0xffffffff81000180;
	cr_assert(operand_msr(&of.input, number, &content));
	cr_expect_eq(content, 0xffffffff81000180);
	number.flags = VALUE_MAY;
	cr_expect_not(operand_msr(&of.input, number, &content));
	cr_expect_not(operand_msr(&of.input, value_top(), &content));
}
