/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/modstruct.h"

#include <criterion/criterion.h>

#include "rig.h"

#define MODULE BOARD_FREE /* where struct module lies here */

static struct rig rig;
static struct kofile file;
static struct modimage mod;

static const char text[32] = "\xc3", parameters[80], traps[12];

static void setup(void)
{
	struct ko ko = rig_ko(text, sizeof(text));

	ko.sections[ko.nr_sections++] = (struct ko_section){
		"__param", SHF_ALLOC, 0, parameters, sizeof(parameters), NULL, 0};
	ko.sections[ko.nr_sections++] = (struct ko_section){
		"__kcfi_traps", SHF_ALLOC, 0, traps, sizeof(traps), NULL, 0};
	rig_open(&rig, RIG_SYMBOLS);
	ko_parse(&ko, &file);
	cr_assert_eq(modimage_layout(&mod, &file, &rig.space.section_rules), 0);
	modimage_move(&mod, rig.space.room, 0);
}

static void teardown(void)
{
	modimage_close(&mod);
	kofile_close(&file);
	rig_close(&rig);
}

TestSuite(dryrun_modstruct, .init = setup, .fini = teardown);

static uint64_t member(uint64_t offset)
{
	return board_read(&rig.board, MODULE + offset);
}

Test(dryrun_modstruct, it_is_in_the_list_of_modules)
{
	uint64_t self = MODULE + RIG_MODULE_LIST;

	cr_assert(modstruct_fill(&rig.board.machine, &mod, MODULE));
	cr_expect_eq(board_read(&rig.board, RIG_MODULES), self);
	cr_expect_eq(board_read(&rig.board, RIG_MODULES + 8), self);
	cr_expect_eq(member(RIG_MODULE_LIST), RIG_MODULES);
	cr_expect_eq(member(RIG_MODULE_LIST + 8), RIG_MODULES);
	cr_expect_eq((uint32_t)member(RIG_MODULE_STATE), MODSTRUCT_COMING);
	cr_expect_eq((uint32_t)member(RIG_MODULE_REFCNT), MODSTRUCT_REFERENCES);
	/* An algorithm's test holds one while its module goes live. */
	modstruct_set(&rig.board.machine, MODULE, "refcnt", MODSTRUCT_REFERENCES + 1, 4);
	modstruct_put(&rig.board.machine, MODULE);
	cr_expect_eq((uint32_t)member(RIG_MODULE_REFCNT), MODSTRUCT_REFERENCES);
}

Test(dryrun_modstruct, its_addresses_are_in_the_tree)
{
	cr_assert(modstruct_fill(&rig.board.machine, &mod, MODULE));
	cr_expect_eq(board_read(&rig.board, RIG_SEEN), MODULE, "mod_tree_insert()");
	cr_expect_eq(board_read(&rig.board, RIG_TREE + 16), mod.va);
	cr_expect_eq(board_read(&rig.board, RIG_TREE + 24), mod.va + mod.size_bytes);
}

Test(dryrun_modstruct, its_parts_are_where_they_lie)
{
	/* enum mod_mem_type: text, data, rodata, ro_after_init */
	static const enum modsection_kind kinds[] = {MODSECTION_TEXT, MODSECTION_DATA,
						     MODSECTION_RODATA};

	cr_assert(modstruct_fill(&rig.board.machine, &mod, MODULE));
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t part = RIG_MODULE_MEM + 32 * i;

		cr_expect_eq(member(part), mod.regions[kinds[i]].va);
		cr_expect_eq((uint32_t)member(part + 8),
			     mod.regions[kinds[i]].size_bytes);
		cr_expect_eq(member(part + 16), MODULE);
	}
	cr_expect_eq(member(RIG_MODULE_MEM + 32 * 3), 0, "nothing is sealed after init");
}

Test(dryrun_modstruct, tables_are_counted_in_their_entries)
{
	uint64_t bytes = 0;
	const struct modimage_section *section = modstruct_section(&mod, "__param",
								   &bytes);

	cr_assert_not_null(section);
	cr_expect_eq(bytes, 80);
	cr_expect_null(modstruct_section(&mod, "__ex_table", &bytes));
	cr_expect_null(modstruct_section(&mod, ".symtab", &bytes), "is not loaded");
	cr_assert(modstruct_fill(&rig.board.machine, &mod, MODULE));
	cr_expect_eq(member(RIG_MODULE_KP), section->va);
	cr_expect_eq((uint32_t)member(RIG_MODULE_NUM_KP), 2);
}

Test(dryrun_modstruct, a_member_that_this_kernel_does_not_have_is_not_set)
{
	modstruct_set(&rig.board.machine, MODULE, "args", 0x1234, 8);
	modstruct_set(&rig.board.machine, MODULE, "something_else", 0x5678, 8);
	for (uint64_t i = 0; i < RIG_MODULE_BYTES; i += 8)
		cr_expect_eq(member(i), i == RIG_MODULE_ARGS ? 0x1234 : 0);
}

/* By these the kernel tells a call of a wrong type from a BUG(). */
Test(dryrun_modstruct, its_traps_of_types_are_known)
{
	uint64_t bytes;
	const struct modimage_section *section = modstruct_section(&mod, "__kcfi_traps",
								   &bytes);

	cr_assert(modstruct_fill(&rig.board.machine, &mod, MODULE));
	cr_expect_eq(member(RIG_MODULE_TRAPS), section->va);
	cr_expect_eq(member(RIG_MODULE_TRAPS + 8), section->va + sizeof(traps));
}
