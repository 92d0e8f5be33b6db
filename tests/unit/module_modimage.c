/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modimage.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ko.h"

static const uint64_t BASE = 0xffffffffc0000000, KNOWN = 0xffffffff81234560;

static int resolve(void *ctx, const char *name, uint64_t *ret)
{
	(void)ctx;
	if (strcmp(name, "known") != 0)
		return -ENOENT;
	*ret = KNOWN;
	return 0;
}

static const char zeros[64];

#define RELA(at, symbol, type, addend)                                  \
	{                                                               \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, type), \
		.r_addend = (addend)                                    \
	}

static void make(const Elf64_Rela *rela, size_t nr_rela, struct kofile *file,
		 struct modimage *mod)
{
	struct ko ko = {
		.sections = {{".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 64, rela,
			      nr_rela},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 64, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"known", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"unknown", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"weak", SHN_UNDEF, 0, STT_NOTYPE, STB_WEAK, 0},
			    {"here", 2, 0x10, STT_FUNC, STB_LOCAL, 0}},
		.nr_symbols = 4,
	};

	ko_parse(&ko, file);
	cr_assert_eq(modimage_layout(mod, file), 0);
	modimage_move(mod, BASE, 0);
	cr_assert_eq(modimage_resolve(mod, resolve, NULL), 0);
	cr_assert_eq(modimage_load(mod), 0);
}

static void close_both(struct kofile *file, struct modimage *mod)
{
	modimage_close(mod);
	kofile_close(file);
}

Test(module_modimage, kinds_go_by_flags_not_names)
{
	enum { RW = SHF_ALLOC | SHF_WRITE, RX = SHF_ALLOC | SHF_EXECINSTR };
	static const struct {
		const char *name;
		uint64_t flags;
		enum modimage_kind kind;
	} cases[] = {
		{".rodata", SHF_ALLOC, MODIMAGE_RODATA},
		{".rodata", RW, MODIMAGE_DATA},
		{"anything", RX, MODIMAGE_TEXT},
		{".init.text", RX, MODIMAGE_INIT_TEXT},
		{".init.data", RW, MODIMAGE_INIT_DATA},
		{".init.rodata", SHF_ALLOC, MODIMAGE_INIT_RODATA},
		{".data..ro_after_init", RW, MODIMAGE_RO_AFTER_INIT},
		{".data..percpu", RW, MODIMAGE_PER_CPU},
		{"__versions", SHF_ALLOC, MODIMAGE_NONE},
		{".modinfo", SHF_ALLOC, MODIMAGE_NONE},
		{".comment", 0, MODIMAGE_NONE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ko ko = {.sections = {{cases[i].name, cases[i].flags, 0, zeros, 64,
					      NULL, 0}},
				.nr_sections = 1};
		struct modimage mod;
		struct kofile file;

		ko_parse(&ko, &file);
		cr_assert_eq(modimage_layout(&mod, &file), 0);
		cr_expect_eq(mod.sections[1].kind, cases[i].kind, "%s", cases[i].name);
		close_both(&file, &mod);
	}
}

Test(module_modimage, rights_change_when_init_is_done)
{
	cr_expect(modimage_is_writable(MODIMAGE_DATA, MODULE_PHASE_LIVE));
	cr_expect(modimage_is_writable(MODIMAGE_RO_AFTER_INIT, MODULE_PHASE_INIT));
	cr_expect_not(modimage_is_writable(MODIMAGE_RO_AFTER_INIT, MODULE_PHASE_LIVE));
	cr_expect_not(modimage_is_writable(MODIMAGE_RODATA, MODULE_PHASE_INIT));
	cr_expect_not(modimage_is_writable(MODIMAGE_TEXT, MODULE_PHASE_INIT));
}

Test(module_modimage, relocations_work_out_as_the_loader_has_them)
{
	static const Elf64_Rela rela[] = {
		RELA(0, 1, R_X86_64_64, 5),	RELA(8, 1, R_X86_64_32S, 2),
		RELA(16, 1, R_X86_64_PC32, -4), RELA(24, 4, R_X86_64_PLT32, -4),
		RELA(32, 3, R_X86_64_64, 0),	RELA(40, 1, R_X86_64_PC64, 0),
		RELA(48, 0, R_X86_64_NONE, 0),
	};
	struct modimage mod;
	struct kofile file;
	uint64_t value;
	int32_t short_value;

	make(rela, 7, &file, &mod);
	cr_expect_eq(mod.nr_problems, 1, "only the unknown symbol, not the weak one");
	cr_expect_eq(mod.problems[0].kind, MODIMAGE_UNKNOWN_SYMBOL);
	modimage_read(&mod, mod.sections[1].va, &value, 8);
	cr_expect_eq(value, KNOWN + 5);
	modimage_read(&mod, mod.sections[1].va + 8, &short_value, 4);
	cr_expect_eq((uint64_t)(int64_t)short_value, KNOWN + 2);
	modimage_read(&mod, mod.sections[1].va + 16, &short_value, 4);
	cr_expect_eq(mod.sections[1].va + 20 + (uint64_t)(int64_t)short_value, KNOWN);
	modimage_read(&mod, mod.sections[1].va + 24, &short_value, 4);
	cr_expect_eq(mod.sections[1].va + 28 + (uint64_t)(int64_t)short_value,
		     mod.sections[2].va + 0x10);
	modimage_read(&mod, mod.sections[1].va + 40, &value, 8);
	cr_expect_eq(mod.sections[1].va + 40 + value, KNOWN);
	close_both(&file, &mod);
}

Test(module_modimage, what_the_loader_refuses_is_a_problem)
{
	static const struct {
		Elf64_Rela rela[2];
		size_t nr;
		enum modimage_problem_kind kind;
	} cases[] = {
		{{RELA(0, 1, R_X86_64_GOTPCREL, 0)}, 1, MODIMAGE_BAD_TYPE},
		{{RELA(0, 1, R_X86_64_32, 0)}, 1, MODIMAGE_OVERFLOW},
		{{RELA(0, 1, R_X86_64_64, 0), RELA(4, 1, R_X86_64_64, 0)},
		 2,
		 MODIMAGE_NOT_ZERO},
		{{RELA(60, 1, R_X86_64_64, 0)}, 1, MODIMAGE_BAD_PLACE},
		{{RELA(UINT64_MAX, 1, R_X86_64_64, 0)}, 1, MODIMAGE_BAD_PLACE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct modimage mod;
		struct kofile file;

		make(cases[i].rela, cases[i].nr, &file, &mod);
		cr_assert_eq(mod.nr_problems, 2, "case %zu", i);
		cr_expect_eq(mod.problems[1].kind, cases[i].kind, "case %zu", i);
		close_both(&file, &mod);
	}
}

Test(module_modimage, symbols_by_address)
{
	const struct kofile_symbol *symbol;
	uint64_t offset = 0;
	struct modimage mod;
	struct kofile file;

	make(NULL, 0, &file, &mod);
	symbol = modimage_symbol_at(&mod, mod.sections[2].va + 0x13, &offset);
	cr_assert_not_null(symbol);
	cr_expect_str_eq(symbol->name, "here");
	cr_expect_eq(offset, 3);
	cr_expect_null(modimage_symbol_at(&mod, mod.sections[2].va + 3, &offset));
	cr_expect_eq(modimage_section_at(&mod, mod.sections[1].va + 63), 1);
	cr_expect_eq(modimage_section_at(&mod, mod.sections[1].va + 64), 0);
	close_both(&file, &mod);
}

/* A table in .data: a pointer to another, which has two functions, and to itself. */
Test(module_modimage, functions_that_an_object_holds)
{
	static const Elf64_Rela rela[] = {
		RELA(0, 2, R_X86_64_64, 0),  /* first -> second */
		RELA(8, 1, R_X86_64_64, 0),  /* first -> first */
		RELA(16, 4, R_X86_64_64, 0), /* second -> high */
		RELA(24, 3, R_X86_64_64, 0), /* second -> low */
		RELA(32, 4, R_X86_64_64, 0), /* behind both */
	};
	struct ko ko = {
		.sections = {{".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 64, rela, 5},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 64, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"first", 1, 0, STT_OBJECT, STB_LOCAL, 16},
			    {"second", 1, 16, STT_OBJECT, STB_LOCAL, 16},
			    {"low", 2, 0, STT_FUNC, STB_LOCAL, 16},
			    {"high", 2, 0x20, STT_FUNC, STB_LOCAL, 16}},
		.nr_symbols = 4,
	};
	struct modimage mod;
	struct kofile file;
	uint64_t data, text, functions[4] = {0};

	ko_parse(&ko, &file);
	cr_assert_eq(modimage_layout(&mod, &file), 0);
	modimage_move(&mod, BASE, 0);
	cr_assert_eq(modimage_resolve(&mod, resolve, NULL), 0);
	cr_assert_eq(modimage_load(&mod), 0);
	data = mod.sections[1].va;
	text = mod.sections[2].va;
	cr_expect_eq(modimage_functions(&mod, data, 4, functions), 2);
	cr_expect_eq(functions[0], text);
	cr_expect_eq(functions[1], text + 0x20);
	cr_expect_eq(modimage_functions(&mod, data + 16, 1, functions), 1);
	cr_expect_eq(modimage_functions(&mod, text + 0x24, 4, functions), 1);
	cr_expect_eq(functions[0], text + 0x24);
	cr_expect_eq(modimage_functions(&mod, data + 32, 4, functions), 0);
	cr_expect_eq(modimage_functions(&mod, data + 63, 4, functions), 0);
	cr_expect_eq(modimage_functions(&mod, BASE - 1, 4, functions), 0);

	cr_expect_eq(modimage_symbol_end(&mod, text + 4), text + 0x20);
	cr_expect_eq(modimage_symbol_end(&mod, text + 0x24), text + 0x1000);
	close_both(&file, &mod);
}
