/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modimage.h"

#include <criterion/criterion.h>

#include "ko.h"

static const char zeros[64];

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
