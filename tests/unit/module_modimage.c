/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modimage.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "kcore/release.h"
#include "fake.h"
#include "ko.h"

static const char zeros[64];
static const struct modsection_rules rules;

static void close_both(struct kofile *file, struct modimage *mod)
{
	modimage_close(mod);
	kofile_close(file);
}

enum { RW = SHF_ALLOC | SHF_WRITE, RX = SHF_ALLOC | SHF_EXECINSTR };

static void layout(const struct ko *ko, struct kofile *file, struct modimage *mod)
{
	ko_parse(ko, file);
	cr_assert_eq(modimage_layout(mod, file, &rules), 0);
}

/* Each kind has pages of its own, and a section its alignment. */
Test(module_modimage, regions)
{
	const struct ko ko = {
		.sections = {{".text", RX, 0, zeros, 10, NULL, 0},
			     {".data", RW, 0, zeros, 20, NULL, 0},
			     {".text.more", RX, 0, zeros, 30, NULL, 0},
			     {".data..percpu", RW, 0, zeros, 40, NULL, 0},
			     {".rodata.empty", SHF_ALLOC, 0, zeros, 0, NULL, 0},
			     {".comment", 0, 0, zeros, 50, NULL, 0}},
		.nr_sections = 6,
	};
	struct modimage mod, outline;
	struct kofile file;
	uint64_t va = 0xffffffffc0000000;

	layout(&ko, &file, &mod);
	modimage_move(&mod, va, 0x1000);
	cr_expect_eq(mod.sections[1].kind, MODSECTION_TEXT);
	cr_expect_eq(mod.sections[1].va, va);
	cr_expect_geq(mod.sections[3].va, va + 10);
	cr_expect_lt(mod.sections[3].va, va + 4096);
	cr_expect_eq(mod.sections[2].va, va + 4096);
	cr_expect_eq(mod.size_bytes, 2 * 4096);
	cr_expect_eq(mod.sections[4].va, 0x1000);
	cr_expect_eq(mod.per_cpu_bytes, 40);
	cr_expect_eq(mod.sections[5].kind, MODSECTION_NONE, "nothing is in it");
	cr_expect_eq(mod.sections[6].kind, MODSECTION_NONE);

	cr_expect(modimage_holds(&mod, va + 8191));
	cr_expect_not(modimage_holds(&mod, va + 8192));
	cr_expect_not(modimage_holds(&mod, va - 1));
	cr_expect_eq(modimage_kind_at(&mod, va + 4095), MODSECTION_TEXT, "padding");
	cr_expect_eq(modimage_kind_at(&mod, va + 4096), MODSECTION_DATA);
	cr_expect_eq(modimage_section_at(&mod, va + 4096 + 19), 2);
	cr_expect_eq(modimage_section_at(&mod, va + 4096 + 20), 0);

	cr_assert_eq(modimage_outline(&outline, &mod), 0);
	cr_expect_eq(modimage_kind_at(&outline, va + 4096), MODSECTION_DATA);
	cr_expect_eq(outline.sections[2].va, va + 4096);
	cr_expect_neq(outline.sections, mod.sections);
	modimage_close(&outline);
	close_both(&file, &mod);
}

/* What the kernel's release decides is asked for: kcore/modsection.h. */
Test(module_modimage, the_rules_are_the_kernels)
{
	const struct ko ko = {
		.sections = {{".static_call_sites", RW, 0, zeros, 8, NULL, 0}},
		.nr_sections = 1};
	struct modsection_rules of = {.release = RELEASE(6, 12)};
	struct modimage mod;
	struct kofile file;

	ko_parse(&ko, &file);
	cr_assert_eq(modimage_layout(&mod, &file, &of), 0);
	cr_expect_eq(mod.sections[1].kind, MODSECTION_DATA);
	modimage_close(&mod);
	of.release = RELEASE(7, 3);
	cr_assert_eq(modimage_layout(&mod, &file, &of), 0);
	cr_expect_eq(mod.sections[1].kind, MODSECTION_RO_AFTER_INIT);
	cr_expect_eq(mod.sections[1].source, MODSECTION_BY_RELEASE);
	close_both(&file, &mod);
}

/* Without CONFIG_RANDOMIZE_BASE the area begins lower. */
Test(module_modimage, room_where_the_kernel_puts_modules)
{
	struct fake fake = {0};
	struct source source;
	struct kernel kernel;
	struct error err = {0};
	uint64_t va;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_eq(modimage_find_room(&kernel, 4096, 0, &va), 0);
	cr_expect_eq(va, 0xffffffffc0000000);
	kernel.core.segments = reallocarray(kernel.core.segments,
					    kernel.core.nr_segments + 1,
					    sizeof(*kernel.core.segments));
	kernel.core.segments[kernel.core.nr_segments++] = (struct elfcore_segment){
		.va = 0xffffffffa0000000, .pa = ELFCORE_NO_PA, .size_bytes = 0x5e000000};
	cr_assert_eq(modimage_find_room(&kernel, 4096, 0, &va), 0);
	cr_expect_eq(va, 0xffffffffa0000000);
	kernel_close(&kernel);
	fake_close(&fake);
}
