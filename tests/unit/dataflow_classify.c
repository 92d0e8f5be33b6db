/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/classify.h"

#include <criterion/criterion.h>

#include "dataflow/callee.h"
#include "insn/expand.h"
#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}

enum { INIT = 1, POKE, HELPER, SEALED, PANIC, THUNK, ALLOCATOR, OWN, NR_SYMBOLS = 8 };

static struct look of;
static struct classifier classifier;
static uint64_t va_of[6]; /* by section */

static void setup(void)
{
	static const unsigned char code[] = {
		0xe8, 0,    0,	  0,	0,    /* call text_poke */
		0xe8, 0,    0,	  0,	0,    /* call helper */
		0xe8, 0xf1, 0xff, 0xff, 0xff, /* call init_module, not relocated */
		0xe8, 0,    0,	  0,	0x10, /* call what is no code of the module */
		0xff, 0xd0,		      /* call *%rax */
		0xc3,
	};
	static const unsigned char zeros[16];
	static const Elf64_Rela rela[] = {RELA(1, POKE, PLT32, -4),
					  RELA(6, HELPER, PLT32, -4)};
	static const Elf64_Rela to_sealed[] = {RELA(8, SEALED, 64, 0)};
	static const Elf64_Rela to_own[] = {RELA(0, OWN, 64, 0)};
	static const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      rela, 2},
			     {".rodata", SHF_ALLOC, 0, zeros, 8, NULL, 0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 16, to_sealed, 1},
			     {".data.other", SHF_ALLOC | SHF_WRITE, 0, zeros, 16, to_own,
			      1},
			     {".rodata.table", SHF_ALLOC, 0, zeros, 16, to_own, 1}},
		.nr_sections = 5,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"text_poke", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"helper", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"panic", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"__x86_indirect_thunk_r9", SHN_UNDEF, 0, STT_NOTYPE,
			     STB_GLOBAL, 0},
			    {"__kmalloc", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"vmap", 3, 0, STT_OBJECT, STB_LOCAL, 0}},
		.nr_symbols = NR_SYMBOLS,
	};

	look_at(&of, &ko, NULL, 0);
	for (size_t i = 1; i < 6; i++)
		va_of[i] = of.input.mod->sections[i].va;
	cr_assert_eq(classify_open(&classifier, &of.input), 0);
}

static void teardown(void)
{
	classify_close(&classifier);
	look_away(&of);
}

TestSuite(dataflow_classify, .init = setup, .fini = teardown);

Test(dataflow_classify, addresses)
{
	cr_expect_eq(classify_address(&classifier, 7), CLASSIFY_ADDRESS_PLAIN);
	cr_expect_eq(classify_address(&classifier, (uint64_t)-22),
		     CLASSIFY_ADDRESS_PLAIN);
	cr_expect_eq(classify_address(&classifier, va_of[1]), CLASSIFY_ADDRESS_CONSTANT);
	cr_expect_eq(classify_address(&classifier, va_of[2]), CLASSIFY_ADDRESS_CONSTANT);
	cr_expect_eq(classify_address(&classifier, va_of[3]), CLASSIFY_ADDRESS_VARIABLE);
	cr_expect_eq(classify_address(&classifier, 0xffffffff81200100),
		     CLASSIFY_ADDRESS_SPECIAL, "the kernel's constants");
	cr_expect_eq(classify_address(&classifier, 0xffffffff81400100),
		     CLASSIFY_ADDRESS_PLAIN, "the kernel's data");
	of.space.landmarks.ro_flag = 0xffffffff81400108;
	cr_expect_eq(classify_address(&classifier, 0xffffffff81400108),
		     CLASSIFY_ADDRESS_SPECIAL, "the switch of sealing");
	cr_expect(classify_is_landmark(&of.input, 0xffffffff81400108));
	cr_expect_not(classify_is_landmark(&of.input, 0xffffffff81400100));
}

/* A constant section counts by any address, others by those of sealed memory. */
Test(dataflow_classify, sections_that_are_built_with_something_special)
{
	uint64_t special = classifier.special_sections;

	cr_expect(special & classify_section_bit(&classifier, va_of[1]), "code");
	cr_expect_not(special & classify_section_bit(&classifier, va_of[2]));
	cr_expect(special & classify_section_bit(&classifier, va_of[3]));
	cr_expect_not(special & classify_section_bit(&classifier, va_of[4]));
	cr_expect(special & classify_section_bit(&classifier, va_of[5]));
}

Test(dataflow_classify, symbols)
{
	cr_expect_eq(classify_symbol(&classifier, 0)->call, CLASSIFY_PLAIN);
	cr_expect_eq(classify_symbol(&classifier, POKE)->call, CLASSIFY_SPECIAL);
	cr_expect_str_eq(classify_symbol(&classifier, POKE)->callee->name, "text_poke");
	cr_expect_eq(classify_symbol(&classifier, HELPER)->call, CLASSIFY_PLAIN);
	cr_expect_null(classify_symbol(&classifier, HELPER)->callee);
	cr_expect_eq(classify_symbol(&classifier, PANIC)->call, CLASSIFY_NO_RETURN);
	cr_expect_eq(classify_symbol(&classifier, THUNK)->thunk, X86_R9);
	cr_expect_eq(classify_symbol(&classifier, HELPER)->thunk, CLASSIFY_NO_THUNK);
	cr_expect(classify_symbol(&classifier, ALLOCATOR)->is_allocator);
	cr_expect_null(classify_symbol(&classifier, OWN)->callee,
		       "the module's own of a name that is known");
}

Test(dataflow_classify, calls)
{
	const struct code_section *section = &of.input.code->sections[0];
	static const bool is_special[] = {true, false, false, true, false};

	for (size_t i = 0; i < 5; i++)
		cr_expect_eq(
			classify_is_special_call(&classifier, expand_insn(section, i)),
			is_special[i], "%zu", i);
}
