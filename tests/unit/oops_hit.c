/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/hit.h"

#include <criterion/criterion.h>
#include <string.h>

#include "kcore/release.h"
#include "oopslog.h"

static const char kallsyms[] = "ffffffff81000000 T _stext\n"
			       "ffffffff81200000 T _etext\n"
			       "ffffffff81400000 R __start_rodata\n"
			       "ffffffff81400300 R sys_call_table\n"
			       "ffffffff81500000 D __start_ro_after_init\n"
			       "ffffffff81500100 d apparmor_hooks\n"
			       "ffffffff81500800 D __end_ro_after_init\n"
			       "ffffffff81600000 R __end_rodata\n"
			       "ffffffff81800000 T __init_begin\n"
			       "ffffffff81800010 t setup\n"
			       "ffffffff81900000 T __init_end\n"
			       "ffffffffc0001000 r value\t[mine]\n";

static struct symbols symbols;
static struct hit_sources sources = {
	.file_symbols = &symbols, .version = RELEASE(5, 10), .levels = 4};

static void setup(void)
{
	oopslog_symbols(&symbols, kallsyms);
}

static void teardown(void)
{
	symbols_close(&symbols);
}

TestSuite(oops_hit, .init = setup, .fini = teardown);

Test(oops_hit, addresses)
{
	static const struct {
		uint64_t address;
		enum hit_kind kind;
		enum hit_section section;
		const char *symbol, *module;
		uint64_t offset;
	} rows[] = {
		{0x10, HIT_NULL_PAGE, HIT_SECTION_UNKNOWN, NULL, "", 0},
		{0x7f0000000000, HIT_USER, HIT_SECTION_UNKNOWN, NULL, "", 0},
		{0xdead000000000100, HIT_NON_CANONICAL, HIT_SECTION_UNKNOWN, NULL, "", 0},
		{0xffff888000000000, HIT_KERNEL, HIT_SECTION_UNKNOWN, NULL, "", 0},
		{0xffffffff81000020, HIT_IMAGE, HIT_TEXT, "_stext", "", 0x20},
		{0xffffffff81400438, HIT_IMAGE, HIT_RODATA, "sys_call_table", "", 0x138},
		{0xffffffff81500128, HIT_IMAGE, HIT_RO_AFTER_INIT, "apparmor_hooks", "",
		 0x28},
		{0xffffffff81800018, HIT_IMAGE, HIT_FREED_INIT, "setup", "", 8},
		{0xffffffffc0001008, HIT_MODULES, HIT_SECTION_UNKNOWN, "value", "mine",
		 8},
		/* Too far behind the last symbol. */
		{0xffffffffc0801008, HIT_MODULES, HIT_SECTION_UNKNOWN, NULL, "", 0},
		/* Below the first. */
		{0xffffffff80000000, HIT_IMAGE, HIT_SECTION_UNKNOWN, NULL, "", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hit hit;

		hit_find(&sources, rows[i].address, &hit);
		cr_expect_eq(hit.kind, rows[i].kind, "%zu: %s", i,
			     hit_kind_name(hit.kind));
		cr_expect_eq(hit.section, rows[i].section, "%zu: %s", i,
			     hit_section_name(hit.section));
		cr_expect_eq(hit.has_symbol, rows[i].symbol != NULL, "%zu", i);
		if (rows[i].symbol && hit.has_symbol) {
			cr_expect_str_eq(hit.symbol, rows[i].symbol);
			cr_expect_str_eq(hit.module, rows[i].module);
			cr_expect_eq(hit.offset, rows[i].offset, "%zu", i);
		}
	}
}

Test(oops_hit, lsm_element)
{
	struct hit hit;

	hit_find(&sources, 0xffffffff81500128, &hit);
	cr_expect_eq(hit.lsm.structure, LSMPART_HOOK_ARRAY);
	cr_expect_eq(hit.lsm.element, 1);
	cr_expect(hit.lsm.is_assumed);
	hit_find(&sources, 0xffffffffc0001008, &hit);
	cr_expect(hit.is_unbounded);
	cr_expect_eq(hit.lsm.structure, LSMPART_NONE);
}

Test(oops_hit, module_sections)
{
	static const struct {
		unsigned version;
		const char *name;
		enum hit_section section;
		bool is_by_release;
	} rows[] = {
		{0, ".rodata.str1.1", HIT_RODATA, false},
		{0, ".data..ro_after_init", HIT_RO_AFTER_INIT, false},
		{0, ".data", HIT_DATA, false},
		{0, ".bss", HIT_BSS, false},
		{0, ".init.text", HIT_FREED_INIT, false},
		{0, "mine", HIT_SECTION_UNKNOWN, false},
		{0, ".static_call_sites", HIT_SECTION_UNKNOWN, false},
		{RELEASE(6, 12), ".static_call_sites", HIT_DATA, true},
		{RELEASE(7, 3), ".static_call_sites", HIT_RO_AFTER_INIT, true},
		{RELEASE(4, 19), "__jump_table", HIT_DATA, true},
		{RELEASE(5, 10), "__jump_table", HIT_RO_AFTER_INIT, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hit_sources of = {.version = rows[i].version};
		struct hit hit = {0};

		hit_set_section(&hit, &of, "mine", rows[i].name);
		cr_expect_eq(hit.section, rows[i].section, "row %zu: %s", i,
			     rows[i].name);
		cr_expect_eq(hit.is_section_by_release, rows[i].is_by_release,
			     "row %zu: %s", i, rows[i].name);
		cr_expect_str_eq(hit.section_name, rows[i].name);
		cr_expect_str_eq(hit.module, "mine");
	}
}

Test(oops_hit, the_middle_is_the_images_or_the_modules)
{
	static const enum hit_kind kinds[] = {
		[HIT_MIDDLE_UNKNOWN] = HIT_KERNEL,
		[HIT_MIDDLE_IMAGE] = HIT_IMAGE,
		[HIT_MIDDLE_MODULES] = HIT_MODULES,
	};
	struct symbols own;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct hit_sources places = {.levels = 4, .middle = (enum hit_middle)i};
		struct hit hit;

		hit_find(&places, 0xffffffffa0001000, &hit);
		cr_expect_eq(hit.kind, kinds[i], "%zu", i);
		hit_find(&places, 0xffffffff9ffff000, &hit);
		cr_expect_eq(hit.kind, HIT_IMAGE);
		hit_find(&places, 0xffffffffc0001000, &hit);
		cr_expect_eq(hit.kind, HIT_MODULES);
	}
	/* Symbols know better. */
	oopslog_symbols(&own, "ffffffff81000000 T _stext\n"
			      "ffffffffa0001000 r value\t[mine]\n"
			      "ffffffffa0002000 r next\t[mine]\n");
	for (int i = 0; i < 2; i++) {
		struct hit_sources places = {.levels = 4,
					     .file_symbols = &own,
					     .middle = i ? HIT_MIDDLE_IMAGE
							 : HIT_MIDDLE_UNKNOWN};
		struct hit hit;

		hit_find(&places, 0xffffffffa0001010, &hit);
		cr_expect_eq(hit.kind, HIT_MODULES);
		cr_expect_str_eq(hit.module, "mine");
	}
	symbols_close(&own);
}

Test(oops_hit, areas_have_names)
{
	static const struct {
		uint64_t address, physical, stack;
		unsigned levels;
		bool is_kaslr_off;
		const char *word; /* NULL: not known */
	} rows[] = {
		{0xfffffe0000001030, 0, 0, 4, false, "cpu_entry_area"},
		{0xfffffe8000000000, 0, 0, 4, false, NULL},
		{0xffffff0000001000, 0, 0, 4, false, "espfix"},
		{0xfffffffeff000000, 0, 0, 4, false, "EFI"},
		{0xffffffffff5ff000, 0, 0, 4, false, "fixmap"},
		{0xffffffffff600000, 0, 0, 4, false, "vsyscall"},
		{0xffff888012345678, 0x12345678, 0, 4, false, "direct map"},
		{0xffff880012345678, 0x12345678, 0, 4, false, "direct map"},
		{0xffff9d4152345678, 0x12345678, 0, 4, false, "direct map"},
		{0xffff9d4152346678, 0x12345678, 0, 4, false, NULL},
		{0xff11000012345678, 0x12345678, 0, 5, false, "direct map"},
		{0xffff888012345678, 0, 0, 4, false, "map of physical memory, where"},
		{0xffff888012345678, 0x12346678, 0, 4, false, NULL},
		{0xffffc90000123678, 0, 0xffffc90000123e50, 4, false, "RSP"},
		{0xffffc90000124678, 0, 0xffffc90000123e50, 4, true, "vmalloc"},
		{0xffffc90000124678, 0, 0, 4, false, "where KASLR has not"},
		{0xffffea0000124678, 0, 0, 4, true, "vmemmap"},
		{0xffffea0000124678, 0, 0, 5, true, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hit_sources places = {
			.levels = rows[i].levels,
			.has_physical = rows[i].physical != 0,
			.physical = rows[i].physical,
			.has_stack = rows[i].stack != 0,
			.stack = rows[i].stack,
			.is_kaslr_off = rows[i].is_kaslr_off,
		};
		struct hit hit;

		hit_find(&places, rows[i].address, &hit);
		if (rows[i].word)
			cr_expect(hit.region_name &&
					  strstr(hit.region_name, rows[i].word),
				  "%zu: %s", i, hit.region_name);
		else
			cr_expect_null(hit.region_name, "%zu: %s", i, hit.region_name);
	}
}

/* A number of a page in a register, and its structure. */
Test(oops_hit, page_structures_by_a_pages_number)
{
	struct registers registers = {
		.known = 1U << REGISTER_RBX | 1U << REGISTER_GS,
		.value = {[REGISTER_RBX] = 0x80c00, [REGISTER_GS] = 0xffff90d3a7c40000},
	};
	struct hit_sources places = {.levels = 4, .registers = &registers};
	struct hit hit;

	hit_find(&places, 0xffffd0ea82030008, &hit);
	cr_assert_not_null(hit.region_name);
	cr_expect(strstr(hit.region_name, "vmemmap"));
	registers.value[REGISTER_RBX]++;
	/* KASLR moved the direct map: what lies there without it does not. */
	hit_find(&places, 0xffffd0ea82030008, &hit);
	cr_expect_null(hit.region_name);
	registers.value[REGISTER_GS] = 0xffff88813bc00000;
	hit_find(&places, 0xffffd0ea82030008, &hit);
	cr_expect_not_null(hit.region_name);
}

/* DEBUG_PAGEALLOC takes the PRESENT bit, and since 4.19 the frame is then inverted. */
Test(oops_hit, a_page_taken_out_of_the_direct_map)
{
	static const struct {
		uint64_t address, entry;
		const char *region;
	} rows[] = {
		{0xffff880300000010, 0x8000000300000060,
		 "the direct map of physical memory"},
		{0xffff8a08a90ab128, 0x800ffffed6f54060,
		 "the direct map of physical memory"},
		{0xffff8a08a90ab128, 0x800ffffed6f53060, NULL},
		{0xffff8a08a90ab128, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hit_sources places = {.levels = 4,
					     .version = RELEASE(4, 20),
					     .absent_entry = rows[i].entry};
		struct registers moved = {.known = 1U << REGISTER_RSP};
		struct hit hit;

		moved.value[REGISTER_RSP] = 0xffffa00000001000;
		places.registers = &moved;
		hit_find(&places, rows[i].address, &hit);
		if (rows[i].region)
			cr_expect_str_eq(hit.region_name, rows[i].region, "%zu", i);
		else
			cr_expect_null(hit.region_name, "%zu", i);
	}
}
