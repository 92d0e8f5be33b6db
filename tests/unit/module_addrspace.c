/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module, one that it needs, and the small kernel of look.h. */
#include "module/addrspace.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "look.h"

static const uint64_t HELPER = 0xffffffff81000100, SEALED = 0xffffffff81200100,
		      VARIABLE = 0xffffffff81400100, NOWHERE = 0xffffffff90000000;

static const char zeros[64];
static struct look own;
static struct kofile needed_file;
static struct addrspace_needed *needed;

static void setup(void)
{
	static const struct exported helper = {.name = "helper", .address = HELPER};
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 64, NULL, 0},
			     {".data..ro_after_init", SHF_ALLOC | SHF_WRITE, 0, zeros, 64,
			      NULL, 0},
			     {".rodata", SHF_ALLOC, 0, "constant", 8, NULL, 0}},
		.nr_sections = 4,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 1},
			    {"object", 2, 8, STT_OBJECT, STB_LOCAL, 8}},
		.nr_symbols = 2,
	};
	const struct ko other = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".data..ro_after_init", SHF_ALLOC | SHF_WRITE, 0, zeros, 64,
			      NULL, 0},
			     {"__ksymtab", SHF_ALLOC, 0, zeros, 12, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, "name=the_other", 15, NULL, 0}},
		.nr_sections = 4,
		.symbols = {{"offered", 1, 0, STT_FUNC, STB_GLOBAL, 1},
			    {"__ksymtab_offered", 3, 0, STT_OBJECT, STB_LOCAL, 12},
			    {"kept", 2, 16, STT_OBJECT, STB_GLOBAL, 8}},
		.nr_symbols = 3,
	};
	static struct addrspace_needed *all[1];

	look_at(&own, &ko, &helper, 1);
	ko_parse(&other, &needed_file);
	cr_assert_eq(addrspace_need(&own.space, &needed_file, &needed), 0);
	all[0] = needed;
	addrspace_link(&own.space, all, NULL, 1);
}

static void teardown(void)
{
	addrspace_link(&own.space, NULL, NULL, 0);
	addrspace_needed_close(needed);
	kofile_close(&needed_file);
	look_away(&own);
}

TestSuite(module_addrspace, .init = setup, .fini = teardown);

static uint64_t own_section(const char *name)
{
	for (size_t i = 1; i < own.file.nr_sections; i++)
		if (strcmp(own.file.sections[i].name, name) == 0)
			return own.inspect.mod.sections[i].va;
	cr_assert_fail("%s", name);
	return 0;
}

Test(module_addrspace, names_are_bound)
{
	const struct exported *export;
	uint64_t va;

	cr_assert_eq(addrspace_resolve(&own.space, "helper", &va), 0);
	cr_expect_eq(va, HELPER);
	cr_assert_eq(addrspace_resolve(&own.space, "offered", &va), 0);
	cr_expect_eq(va, needed->mod.sections[1].va);
	/* Not exported, but the kernel has it: judge_load() says that it is refused. */
	cr_assert_eq(addrspace_resolve(&own.space, "sealed", &va), 0);
	cr_expect_eq(va, SEALED);
	cr_expect_eq(addrspace_resolve(&own.space, "kept", &va), -ENOENT);

	cr_expect(addrspace_is_exported(&own.space, "helper", &export));
	cr_expect_not_null(export);
	cr_expect(addrspace_is_exported(&own.space, "offered", &export));
	cr_expect_null(export);
	cr_expect_not(addrspace_is_exported(&own.space, "kept", &export));
	cr_expect_not(addrspace_is_exported(&own.space, "sealed", &export));
}

/* Where nobody has a name a further module may. */
Test(module_addrspace, what_an_address_rests_on)
{
	uint64_t va;

	own.space.nr_relied = 0;
	cr_assert_eq(addrspace_resolve(&own.space, "helper", &va), 0);
	cr_expect_eq(own.space.nr_relied, 0);
	cr_assert_eq(addrspace_resolve(&own.space, "offered", &va), 0);
	cr_expect_eq(own.space.nr_relied, 1);
	cr_assert_eq(addrspace_resolve(&own.space, "helper", &va), 0);
	cr_expect_eq(own.space.nr_relied, 1);
	cr_assert_eq(addrspace_resolve(&own.space, "sealed", &va), 0);
	cr_expect_eq(own.space.nr_relied, 2);
	cr_expect_eq(addrspace_resolve(&own.space, "kept", &va), -ENOENT);
	cr_expect_eq(own.space.nr_relied, 2);
}

Test(module_addrspace, modules)
{
	cr_expect(addrspace_has_module(&own.space, "the_other"));
	cr_expect(addrspace_has_module(&own.space, "the-other"));
	cr_expect_not(addrspace_has_module(&own.space, "the"));
	cr_expect_not(addrspace_is_loaded(&own.space, "the_other"));
}

/* What another module needed, and what was looked at before, moves nothing. */
Test(module_addrspace, needed_ones_lie_in_the_order_of_loading)
{
	struct addrspace_needed *second, *both[2];
	uint64_t first_va = needed->mod.va;

	cr_assert_eq(addrspace_need(&own.space, &needed_file, &second), 0);
	both[0] = second;
	both[1] = needed;
	addrspace_link(&own.space, both, NULL, 2);
	cr_expect_eq(second->mod.va, first_va);
	cr_expect_neq(second->serial, needed->serial);
	cr_expect_geq(needed->mod.va, first_va + second->mod.size_bytes);
	cr_expect_geq(own.space.next_room, needed->mod.va + needed->mod.size_bytes);
	cr_expect_eq(addrspace_exporter(&own.space, "offered"), second);
	addrspace_link(&own.space, &both[1], NULL, 1);
	cr_expect_eq(needed->mod.va, first_va);
	addrspace_needed_close(second);
}

/* Where they lie rests on nothing that is needed. */
Test(module_addrspace, those_that_are_asked_for)
{
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0}},
		.nr_sections = 1,
		.symbols = {{"offered", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 1,
	};
	struct addrspace_needed *asked, *again, *all[] = {needed};
	struct kofile file;
	uint64_t va, found;

	ko_parse(&ko, &file);
	cr_assert_eq(addrspace_need(&own.space, &file, &asked), 0);
	cr_assert_eq(addrspace_need(&own.space, &needed_file, &again), 0);
	cr_assert_eq(addrspace_ask(&own.space, asked), 0);
	va = asked->mod.va;
	cr_expect(addrspace_holds(&own.space, va));
	cr_expect(addrspace_holds(&own.space, needed->mod.va));
	cr_expect_not(addrspace_holds(&own.space, va - 1));
	cr_expect_not(addrspace_holds(&own.space, HELPER));
	cr_assert_eq(addrspace_ask(&own.space, asked), 0);
	cr_expect_eq(own.space.nr_asked, 1, "it is there");

	/* It imports what the needed one exports. */
	cr_expect_not(addrspace_is_apart(&own.space, 0));
	cr_expect(addrspace_is_apart(&own.space, 1));
	cr_expect_eq(addrspace_needed_named(&own.space, "the-other"), needed);
	cr_expect_null(addrspace_needed_named(&own.space, "another"));

	addrspace_link(&own.space, NULL, NULL, 0);
	cr_assert_eq(addrspace_ask(&own.space, asked), 0);
	cr_expect_eq(asked->mod.va, va);
	own.space.nr_relied = 0;
	cr_expect_eq(addrspace_resolve(&own.space, "offered", &found), -ENOENT);
	cr_expect_eq(own.space.nr_relied, 1, "a needed one might have it");
	cr_assert_eq(addrspace_ask(&own.space, again), 0);
	own.space.nr_relied = 0;
	cr_assert_eq(addrspace_resolve(&own.space, "offered", &found), 0);
	cr_expect_eq(own.space.nr_relied, 0);
	addrspace_link(&own.space, all, NULL, 1);
	addrspace_needed_close(again);
	addrspace_needed_close(asked);
	kofile_close(&file);
}

Test(module_addrspace, rights)
{
	const struct {
		uint64_t va;
		enum module_phase phase;
		enum addrspace_owner owner;
		bool is_mapped, is_writable, is_executable;
	} rows[] = {
		{HELPER, MODULE_PHASE_LIVE, ADDRSPACE_KERNEL, true, false, true},
		{SEALED, MODULE_PHASE_LIVE, ADDRSPACE_KERNEL, true, false, false},
		{VARIABLE, MODULE_PHASE_LIVE, ADDRSPACE_KERNEL, true, true, false},
		{NOWHERE, MODULE_PHASE_LIVE, ADDRSPACE_KERNEL, false, false, false},
		{own_section(".text"), MODULE_PHASE_INIT, ADDRSPACE_OWN, true, false,
		 true},
		{own_section(".data"), MODULE_PHASE_LIVE, ADDRSPACE_OWN, true, true,
		 false},
		{own_section(".rodata"), MODULE_PHASE_INIT, ADDRSPACE_OWN, true, false,
		 false},
		{own_section(".data..ro_after_init"), MODULE_PHASE_INIT, ADDRSPACE_OWN,
		 true, true, false},
		{own_section(".data..ro_after_init"), MODULE_PHASE_LIVE, ADDRSPACE_OWN,
		 true, false, false},
		/* Its init is over before ours runs. */
		{needed->mod.sections[2].va, MODULE_PHASE_INIT, ADDRSPACE_NEEDED, true,
		 false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct addrspace_rights rights;

		addrspace_rights(&own.space, rows[i].va, rows[i].phase, &rights);
		cr_expect_eq(rights.owner, rows[i].owner, "row %zu", i);
		cr_expect_eq(rights.is_mapped, rows[i].is_mapped, "row %zu", i);
		cr_expect_eq(rights.is_writable, rows[i].is_writable, "row %zu", i);
		cr_expect_eq(rights.is_executable, rows[i].is_executable, "row %zu", i);
	}
}

Test(module_addrspace, what_is_sealed)
{
	cr_expect(addrspace_is_foreign_sealed(&own.space, SEALED));
	cr_expect_not(addrspace_is_foreign_sealed(&own.space, VARIABLE));
	cr_expect_not(addrspace_is_foreign_sealed(&own.space, 0x1000));
	cr_expect(addrspace_is_sealed(&own.space, own_section(".rodata")));
	cr_expect_not(addrspace_is_foreign_sealed(&own.space, own_section(".rodata")));
	/* rodata=off leaves modules writable. */
	own.space.seals_modules = false;
	cr_expect_not(addrspace_is_sealed(&own.space, own_section(".rodata")));
}

Test(module_addrspace, constants_are_read)
{
	char bytes[8];

	cr_assert_eq(addrspace_read_sealed(&own.space, own_section(".rodata"), bytes, 8),
		     0);
	cr_expect_eq(memcmp(bytes, "constant", 8), 0);
	cr_expect_eq(addrspace_read_sealed(&own.space, own_section(".data"), bytes, 8),
		     -EFAULT);
	cr_expect_eq(addrspace_read_sealed(&own.space, VARIABLE, bytes, 8), -EFAULT);
	cr_expect_eq(
		addrspace_read_sealed(&own.space, needed->mod.sections[2].va, bytes, 8),
		-EFAULT, "laid out, not loaded");
}

Test(module_addrspace, addresses_in_words)
{
	struct addrspace_name name;
	uint64_t end;

	addrspace_name(&own.space, SEALED + 4, &name);
	cr_expect_str_eq(name.symbol, "sealed");
	cr_expect_null(name.module);
	cr_expect_eq(name.offset, 4);
	cr_expect(addrspace_symbol_end(&own.space, SEALED + 4, &end));
	cr_expect_eq(end, SEALED + 0x100);

	addrspace_name(&own.space, own_section(".data") + 10, &name);
	cr_expect_str_eq(name.symbol, "object");
	cr_expect_eq(name.offset, 2);
	cr_expect_str_eq(name.region, "module data");
	/* Where no symbol covers it, the section does. */
	addrspace_name(&own.space, own_section(".rodata") + 3, &name);
	cr_expect_str_eq(name.symbol, ".rodata");
	cr_expect_eq(name.offset, 3);

	addrspace_name(&own.space, needed->mod.sections[2].va + 16, &name);
	cr_expect_str_eq(name.symbol, "kept");
	cr_expect_str_eq(name.module, "the_other");
	cr_expect_str_eq(name.region, "module ro_after_init");
	/* It is laid out, and not resolved. */
	cr_expect(addrspace_symbol_end(&own.space, needed->mod.sections[2].va + 4, &end));
	cr_expect_eq(end, needed->mod.sections[2].va + 16);

	addrspace_name(&own.space, 0xffff888000000000, &name);
	cr_expect_null(name.symbol, "far above every symbol");
}

/* Without CONFIG_KALLSYMS_ALL rodata_enabled has no name. The kernel's own text tells. */
Test(module_addrspace, sealing_without_data_symbols)
{
	static const char functions[] = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n"
					"ffffffff81000100 T helper\n";
	const struct ko ko = ko_of_code((const unsigned char[]){0xc3}, 1);
	static struct look of;
	struct addrspace space;

	look_at_in(&of, NULL, functions, &ko);
	cr_assert_eq(addrspace_open(&space, &of.kernel, &of.exports), 0);
	cr_expect(space.seals_modules);
	addrspace_close(&space);
	look_away(&of);
}

/* Before a kernel has booted nothing is known of what it maps meanwhile. */
Test(module_addrspace, what_a_kernel_maps_later)
{
	struct addrspace *space = &own.space;
	struct addrspace_rights rights;

	addrspace_rights(space, NOWHERE, MODULE_PHASE_LIVE, &rights);
	cr_expect_not(space->lacks_place, "a running kernel has nothing there");
	space->kernel->is_unbooted = true;
	addrspace_rights(space, VARIABLE, MODULE_PHASE_LIVE, &rights);
	addrspace_rights(space, SEALED, MODULE_PHASE_LIVE, &rights);
	addrspace_rights(space, 0x1234, MODULE_PHASE_LIVE, &rights);
	addrspace_rights(space, 0xddc42776ad367c13, MODULE_PHASE_LIVE, &rights);
	addrspace_rights(space, (uint64_t)-ENOMEM, MODULE_PHASE_LIVE, &rights);
	cr_expect_not(space->lacks_place);
	addrspace_rights(space, NOWHERE, MODULE_PHASE_LIVE, &rights);
	cr_expect(space->lacks_place);
	cr_expect_not(rights.is_mapped);
	space->kernel->is_unbooted = false;
}
