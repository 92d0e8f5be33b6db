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

static void make(const Elf64_Rela *rela, size_t nr_rela, struct file *file,
		 struct place *place)
{
	struct ko ko = {
		.sections = {{".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 64, rela,
			      nr_rela},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 64, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"known", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL},
			    {"unknown", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL},
			    {"weak", SHN_UNDEF, 0, STT_NOTYPE, STB_WEAK},
			    {"here", 2, 0x10, STT_FUNC, STB_LOCAL}},
		.nr_symbols = 4,
	};

	ko_parse(&ko, file);
	cr_assert_eq(place_layout(place, file), 0);
	place_move(place, BASE, 0);
	cr_assert_eq(place_resolve(place, resolve, NULL), 0);
	cr_assert_eq(place_load(place), 0);
}

static void close_both(struct file *file, struct place *place)
{
	place_close(place);
	file_close(file);
}

Test(module_modimage, kinds_go_by_flags_not_names)
{
	enum { RW = SHF_ALLOC | SHF_WRITE, RX = SHF_ALLOC | SHF_EXECINSTR };
	static const struct {
		const char *name;
		uint64_t flags;
		enum place_kind kind;
	} cases[] = {
		{".rodata", SHF_ALLOC, PLACE_RODATA},
		{".rodata", RW, PLACE_DATA},
		{"anything", RX, PLACE_TEXT},
		{".init.text", RX, PLACE_INIT_TEXT},
		{".init.data", RW, PLACE_INIT_DATA},
		{".init.rodata", SHF_ALLOC, PLACE_INIT_RODATA},
		{".data..ro_after_init", RW, PLACE_RO_AFTER_INIT},
		{".data..percpu", RW, PLACE_PER_CPU},
		{"__versions", SHF_ALLOC, PLACE_NONE},
		{".modinfo", SHF_ALLOC, PLACE_NONE},
		{".comment", 0, PLACE_NONE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ko ko = {.sections = {{cases[i].name, cases[i].flags, 0, zeros, 64,
					      NULL, 0}},
				.nr_sections = 1};
		struct place place;
		struct file file;

		ko_parse(&ko, &file);
		cr_assert_eq(place_layout(&place, &file), 0);
		cr_expect_eq(place.sections[1].kind, cases[i].kind, "%s", cases[i].name);
		close_both(&file, &place);
	}
}

Test(module_modimage, rights_change_when_init_is_done)
{
	cr_expect(place_is_writable(PLACE_DATA, PLACE_PHASE_LIVE));
	cr_expect(place_is_writable(PLACE_RO_AFTER_INIT, PLACE_PHASE_INIT));
	cr_expect_not(place_is_writable(PLACE_RO_AFTER_INIT, PLACE_PHASE_LIVE));
	cr_expect_not(place_is_writable(PLACE_RODATA, PLACE_PHASE_INIT));
	cr_expect_not(place_is_writable(PLACE_TEXT, PLACE_PHASE_INIT));
}

Test(module_modimage, relocations_work_out_as_the_loader_has_them)
{
	static const Elf64_Rela rela[] = {
		RELA(0, 1, R_X86_64_64, 5),	RELA(8, 1, R_X86_64_32S, 2),
		RELA(16, 1, R_X86_64_PC32, -4), RELA(24, 4, R_X86_64_PLT32, -4),
		RELA(32, 3, R_X86_64_64, 0),	RELA(40, 1, R_X86_64_PC64, 0),
		RELA(48, 0, R_X86_64_NONE, 0),
	};
	struct place place;
	struct file file;
	uint64_t value;
	int32_t short_value;

	make(rela, 7, &file, &place);
	cr_expect_eq(place.nr_problems, 1, "only the unknown symbol, not the weak one");
	cr_expect_eq(place.problems[0].kind, PLACE_UNKNOWN_SYMBOL);
	place_read(&place, place.sections[1].va, &value, 8);
	cr_expect_eq(value, KNOWN + 5);
	place_read(&place, place.sections[1].va + 8, &short_value, 4);
	cr_expect_eq((uint64_t)(int64_t)short_value, KNOWN + 2);
	place_read(&place, place.sections[1].va + 16, &short_value, 4);
	cr_expect_eq(place.sections[1].va + 20 + (uint64_t)(int64_t)short_value, KNOWN);
	place_read(&place, place.sections[1].va + 24, &short_value, 4);
	cr_expect_eq(place.sections[1].va + 28 + (uint64_t)(int64_t)short_value,
		     place.sections[2].va + 0x10);
	place_read(&place, place.sections[1].va + 40, &value, 8);
	cr_expect_eq(place.sections[1].va + 40 + value, KNOWN);
	close_both(&file, &place);
}

Test(module_modimage, what_the_loader_refuses_is_a_problem)
{
	static const struct {
		Elf64_Rela rela[2];
		size_t nr;
		enum place_problem_kind kind;
	} cases[] = {
		{{RELA(0, 1, R_X86_64_GOTPCREL, 0)}, 1, PLACE_BAD_TYPE},
		{{RELA(0, 1, R_X86_64_32, 0)}, 1, PLACE_OVERFLOW},
		{{RELA(0, 1, R_X86_64_64, 0), RELA(4, 1, R_X86_64_64, 0)},
		 2,
		 PLACE_NOT_ZERO},
		{{RELA(60, 1, R_X86_64_64, 0)}, 1, PLACE_BAD_PLACE},
		{{RELA(UINT64_MAX, 1, R_X86_64_64, 0)}, 1, PLACE_BAD_PLACE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place place;
		struct file file;

		make(cases[i].rela, cases[i].nr, &file, &place);
		cr_assert_eq(place.nr_problems, 2, "case %zu", i);
		cr_expect_eq(place.problems[1].kind, cases[i].kind, "case %zu", i);
		close_both(&file, &place);
	}
}

Test(module_modimage, symbols_by_address)
{
	const struct file_symbol *symbol;
	uint64_t offset = 0;
	struct place place;
	struct file file;

	make(NULL, 0, &file, &place);
	symbol = place_symbol_at(&place, place.sections[2].va + 0x13, &offset);
	cr_assert_not_null(symbol);
	cr_expect_str_eq(symbol->name, "here");
	cr_expect_eq(offset, 3);
	cr_expect_null(place_symbol_at(&place, place.sections[2].va + 3, &offset));
	cr_expect_eq(place_section_at(&place, place.sections[1].va + 63), 1);
	cr_expect_eq(place_section_at(&place, place.sections[1].va + 64), 0);
	close_both(&file, &place);
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
	struct place place;
	struct file file;
	uint64_t data, text, functions[4] = {0};

	ko_parse(&ko, &file);
	cr_assert_eq(place_layout(&place, &file), 0);
	place_move(&place, BASE, 0);
	cr_assert_eq(place_resolve(&place, resolve, NULL), 0);
	cr_assert_eq(place_load(&place), 0);
	data = place.sections[1].va;
	text = place.sections[2].va;
	cr_expect_eq(place_functions(&place, data, 4, functions), 2);
	cr_expect_eq(functions[0], text);
	cr_expect_eq(functions[1], text + 0x20);
	cr_expect_eq(place_functions(&place, data + 16, 1, functions), 1);
	cr_expect_eq(place_functions(&place, text + 0x24, 4, functions), 1);
	cr_expect_eq(functions[0], text + 0x24);
	cr_expect_eq(place_functions(&place, data + 32, 4, functions), 0);
	cr_expect_eq(place_functions(&place, data + 63, 4, functions), 0);
	cr_expect_eq(place_functions(&place, BASE - 1, 4, functions), 0);

	cr_expect_eq(place_symbol_end(&place, text + 4), text + 0x20);
	cr_expect_eq(place_symbol_end(&place, text + 0x24), text + 0x1000);
	close_both(&file, &place);
}
