/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/reach.h"

#include <criterion/criterion.h>

#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}
enum { INIT = 1, OF_INIT, LISTED, OF_LISTED, OF_BOTH, OF_NOBODY, TAKEN, RECURSIVE };

/* Sixteen bytes a function. */
static const unsigned char text[] = {
	[0x00] = 0xc3,						    /* of_init */
	[0x10] = 0xe8, 0,    0,	   0, 0, 0xe8, 0, 0,	0, 0, 0xc3, /* listed */
	[0x20] = 0xc3,						    /* of_listed */
	[0x30] = 0xc3,						    /* of_both */
	[0x40] = 0x48, 0xc7, 0xc7, 0, 0, 0,    0, 0xc3,		    /* of_nobody */
	[0x50] = 0xc3,						    /* taken */
	[0x60] = 0xe8, 0,    0,	   0, 0, 0xc3,			    /* recursive */
};
static const unsigned char init[] = {0xe8, 0, 0, 0, 0,	  0xe8, 0, 0, 0, 0,   0xe8,
				     0,	   0, 0, 0, 0xe8, 0,	0, 0, 0, 0xc3};

Test(dataflow_reach, what_only_init_reaches)
{
	static const Elf64_Rela of_text[] = {
		RELA(0x11, OF_LISTED, PLT32, -4), RELA(0x16, OF_BOTH, PLT32, -4),
		RELA(0x43, TAKEN, 32S, 0), RELA(0x61, RECURSIVE, PLT32, -4)};
	static const Elf64_Rela of_init[] = {
		RELA(1, OF_INIT, PLT32, -4), RELA(6, OF_BOTH, PLT32, -4),
		RELA(11, TAKEN, PLT32, -4), RELA(16, RECURSIVE, PLT32, -4)};
	static const Elf64_Rela of_data[] = {RELA(0, LISTED, 64, 0)};
	static const unsigned char zeros[8];
	static const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, text, sizeof(text),
			      of_text, 4},
			     {".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, init,
			      sizeof(init), of_init, 4},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 8, of_data, 1}},
		.nr_sections = 3,
		.symbols = {{"init_module", 2, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"of_init", 1, 0x00, STT_FUNC, STB_LOCAL, 0},
			    {"listed", 1, 0x10, STT_FUNC, STB_LOCAL, 0},
			    {"of_listed", 1, 0x20, STT_FUNC, STB_LOCAL, 0},
			    {"of_both", 1, 0x30, STT_FUNC, STB_LOCAL, 0},
			    {"of_nobody", 1, 0x40, STT_FUNC, STB_LOCAL, 0},
			    {"taken", 1, 0x50, STT_FUNC, STB_LOCAL, 0},
			    {"recursive", 1, 0x60, STT_FUNC, STB_LOCAL, 0}},
		.nr_symbols = 8,
	};
	static const struct {
		unsigned symbol;
		bool is_init_only;
	} cases[] = {
		{INIT, true},	  {OF_INIT, true},    {LISTED, false}, {OF_LISTED, false},
		{OF_BOTH, false}, {OF_NOBODY, false}, {TAKEN, false},  {RECURSIVE, true},
	};
	static struct look of;
	struct reach reach;

	look_at(&of, &ko, NULL, 0);
	cr_assert_eq(reach_open(&reach, &of.inspect.code), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(reach_is_init_only(&reach,
						of.inspect.mod.symbols[cases[i].symbol]),
			     cases[i].is_init_only, "%s",
			     ko.symbols[cases[i].symbol - 1].name);
	reach_close(&reach);
	look_away(&of);
}
