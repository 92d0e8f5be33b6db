/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modsym.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ko.h"
#include "module/relocate.h"

static const uint64_t BASE = 0xffffffffc0000000;

static const char zeros[64];
static const struct modsection_rules rules;

static int resolve(void *ctx, const char *name, uint64_t *ret)
{
	(void)ctx, (void)name, (void)ret;
	return -ENOENT;
}

#define RELA(at, symbol, type, addend)                                  \
	{                                                               \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, type), \
		.r_addend = (addend)                                    \
	}

/* Sections .data (with @rela) and .text. */
static void make(const struct ko_symbol *symbols, size_t nr_symbols,
		 const Elf64_Rela *rela, size_t nr_rela, struct kofile *file,
		 struct modimage *mod)
{
	struct ko ko = {
		.sections = {{".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 64, rela,
			      nr_rela},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 64, NULL, 0}},
		.nr_sections = 2,
		.nr_symbols = nr_symbols,
	};

	memcpy(ko.symbols, symbols, nr_symbols * sizeof(*symbols));
	ko_parse(&ko, file);
	cr_assert_eq(modimage_layout(mod, file, &rules), 0);
	modimage_move(mod, BASE, 0);
	cr_assert_eq(relocate_resolve(mod, resolve, NULL), 0);
	cr_assert_eq(relocate_load(mod), 0);
}

static void close_both(struct kofile *file, struct modimage *mod)
{
	modimage_close(mod);
	kofile_close(file);
}

Test(module_modsym, symbols_by_address)
{
	static const struct ko_symbol symbols[] = {
		{"here", 2, 0x10, STT_FUNC, STB_LOCAL, 0}};
	const struct kofile_symbol *symbol;
	uint64_t offset = 0;
	struct modimage mod;
	struct kofile file;

	make(symbols, 1, NULL, 0, &file, &mod);
	symbol = modsym_at(&mod, mod.sections[2].va + 0x13, &offset);
	cr_assert_not_null(symbol);
	cr_expect_str_eq(symbol->name, "here");
	cr_expect_eq(offset, 3);
	cr_expect_null(modsym_at(&mod, mod.sections[2].va + 3, &offset));
	cr_expect_eq(modimage_section_at(&mod, mod.sections[1].va + 63), 1);
	cr_expect_eq(modimage_section_at(&mod, mod.sections[1].va + 64), 0);
	close_both(&file, &mod);
}

/* A table in .data: a pointer to another, which has two functions, and to itself. */
Test(module_modsym, functions_that_an_object_holds)
{
	static const Elf64_Rela rela[] = {
		RELA(0, 2, R_X86_64_64, 0),  /* first -> second */
		RELA(8, 1, R_X86_64_64, 0),  /* first -> first */
		RELA(16, 4, R_X86_64_64, 0), /* second -> high */
		RELA(24, 3, R_X86_64_64, 0), /* second -> low */
		RELA(32, 4, R_X86_64_64, 0), /* behind both */
	};
	static const struct ko_symbol symbols[] = {
		{"first", 1, 0, STT_OBJECT, STB_LOCAL, 16},
		{"second", 1, 16, STT_OBJECT, STB_LOCAL, 16},
		{"low", 2, 0, STT_FUNC, STB_LOCAL, 16},
		{"high", 2, 0x20, STT_FUNC, STB_LOCAL, 16},
	};
	struct modimage mod;
	struct kofile file;
	uint64_t data, text, functions[4] = {0};

	make(symbols, 4, rela, 5, &file, &mod);
	data = mod.sections[1].va;
	text = mod.sections[2].va;
	cr_expect_eq(modsym_functions(&mod, data, 4, functions), 2);
	cr_expect_eq(functions[0], text);
	cr_expect_eq(functions[1], text + 0x20);
	cr_expect_eq(modsym_functions(&mod, data + 16, 1, functions), 1);
	cr_expect_eq(modsym_functions(&mod, text + 0x24, 4, functions), 1);
	cr_expect_eq(functions[0], text + 0x24);
	cr_expect_eq(modsym_functions(&mod, data + 32, 4, functions), 0);
	cr_expect_eq(modsym_functions(&mod, data + 63, 4, functions), 0);
	cr_expect_eq(modsym_functions(&mod, BASE - 1, 4, functions), 0);

	cr_expect_eq(modsym_end(&mod, text + 4), text + 0x20);
	cr_expect_eq(modsym_end(&mod, text + 0x24), text + 0x1000);
	close_both(&file, &mod);
}

/* struct module's pointers: init lies in its first half, exit in the second. */
Test(module_modsym, entries)
{
	static const Elf64_Rela rela[] = {RELA(8, 1, R_X86_64_64, 0),
					  RELA(56, 2, R_X86_64_64, 0)};
	const struct ko ko = {
		.sections = {{".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE, 0,
			      zeros, 64, rela, 2},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 64, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"starts", 2, 0x10, STT_FUNC, STB_LOCAL, 0},
			    {"ends", 2, 0x20, STT_FUNC, STB_LOCAL, 0}},
		.nr_symbols = 2,
	};
	struct modimage mod;
	struct kofile file;
	uint64_t va, text;

	ko_parse(&ko, &file);
	cr_assert_eq(modimage_layout(&mod, &file, &rules), 0);
	cr_assert_eq(relocate_resolve(&mod, resolve, NULL), 0);
	text = mod.sections[2].va;
	cr_expect_eq(modsym_entry(&mod, false, 0, &va), 0);
	cr_expect_eq(va, text + 0x10);
	cr_expect_eq(modsym_entry(&mod, true, 0, &va), 0);
	cr_expect_eq(va, text + 0x20);
	/* Where the offset is known, only what is there counts. */
	cr_expect_eq(modsym_entry(&mod, true, 8, &va), 0);
	cr_expect_eq(va, text + 0x10);
	cr_expect_eq(modsym_entry(&mod, false, 16, &va), -ENOENT);
	close_both(&file, &mod);
}

/* With RANDSTRUCT exit may come first: their names tell, as a 6.12 without BTF showed. */
Test(module_modsym, entries_in_another_order)
{
	static const Elf64_Rela rela[] = {RELA(8, 2, R_X86_64_64, 0),
					  RELA(56, 1, R_X86_64_64, 0)};

	for (size_t nr = 1; nr <= 2; nr++) {
		const struct ko ko = {
			.sections = {{".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE,
				      0, zeros, 64, rela, nr},
				     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 64,
				      NULL, 0}},
			.nr_sections = 2,
			.symbols = {{nr == 2 ? "init_module" : "other", 2, 0x10, STT_FUNC,
				     STB_GLOBAL, 0},
				    {"cleanup_module", 2, 0x20, STT_FUNC, STB_GLOBAL, 0}},
			.nr_symbols = 2,
		};
		struct modimage mod;
		struct kofile file;
		uint64_t va;

		ko_parse(&ko, &file);
		cr_assert_eq(modimage_layout(&mod, &file, &rules), 0);
		cr_assert_eq(relocate_resolve(&mod, resolve, NULL), 0);
		cr_expect_eq(modsym_entry(&mod, true, 0, &va), 0);
		cr_expect_eq(va, mod.sections[2].va + 0x20);
		cr_expect_eq(modsym_entry(&mod, false, 0, &va), nr == 2 ? 0 : -ENOENT);
		if (nr == 2)
			cr_expect_eq(va, mod.sections[2].va + 0x10);
		close_both(&file, &mod);
	}
}
