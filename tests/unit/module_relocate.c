/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/relocate.h"

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
static const struct modsection_rules rules;

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

Test(module_relocate, relocations_work_out_as_the_loader_has_them)
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

Test(module_relocate, what_the_loader_refuses_is_a_problem)
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
