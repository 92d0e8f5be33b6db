/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/loader.h"

#include <criterion/criterion.h>
#include <string.h>

#include "dryrun/reason.h"
#include "rig.h"

static struct rig rig;
static struct loader loader;
static struct freelist_layout freelists;
static struct kofile file;

static const unsigned char text[32] = {0x0f, 0x1f, 0x44, 0, 0, 0xc3};

static void start_with(const struct ko *ko, const char *symbols)
{
	rig_open(&rig, symbols);
	ko_parse(ko, &file);
	cr_assert(loader_open(&loader, &rig.board.machine, &rig.space, &freelists));
}

static void start(const struct ko *ko)
{
	start_with(ko, RIG_SYMBOLS);
}

static bool load(void)
{
	return loader_load(&loader, &file, rig.space.room);
}

static void teardown(void)
{
	loader_close(&loader);
	kofile_close(&file);
	rig_close(&rig);
}

TestSuite(dryrun_loader, .fini = teardown);

/* A section of 16 bytes. */
static void add(struct ko *ko, const char *name, uint64_t flags)
{
	ko->sections[ko->nr_sections++] = (struct ko_section){
		name, flags, 0, "0123456789abcdef", 16, NULL, 0};
}

static void expect_rights(const char *name, bool is_writable, bool is_executable)
{
	const struct kofile_section *sections = file.sections;
	const struct modimage *mod = &loader.loaded[loader.nr - 1].mod;
	struct pt_walk walk;
	size_t i = 1;

	while (strcmp(sections[i].name, name) != 0)
		cr_assert_lt(++i, file.nr_sections, "%s", name);
	machine_walk(&rig.board.machine, mod->sections[i].va, &walk);
	cr_assert_eq(walk.reason, PT_OK, "%s", name);
	cr_expect_eq(walk.writable, is_writable, "%s", name);
	cr_expect_eq(!walk.nx, is_executable, "%s", name);
}

static struct ko with_sections(void)
{
	struct ko ko = rig_ko(text, sizeof(text));

	add(&ko, ".rodata", SHF_ALLOC);
	add(&ko, ".data..ro_after_init", SHF_ALLOC | SHF_WRITE);
	add(&ko, ".data", SHF_ALLOC | SHF_WRITE);
	add(&ko, ".init.text", SHF_ALLOC | SHF_EXECINSTR);
	return ko;
}

Test(dryrun_loader, pages_have_the_rights_that_the_loader_gives)
{
	const struct ko ko = with_sections();

	start(&ko);
	cr_assert(load(), "%s", rig.board.machine.run.why);
	expect_rights(".text", false, true);
	expect_rights(".init.text", false, true);
	expect_rights(".rodata", false, false);
	expect_rights(".data..ro_after_init", true, false);
	expect_rights(".data", true, false);
}

Test(dryrun_loader, what_is_sealed_after_init_is_sealed_then)
{
	const struct ko ko = with_sections();
	struct pt_walk walk;

	start(&ko);
	cr_assert(load());
	loader_go_live(&loader, &loader.loaded[loader.nr - 1]);
	expect_rights(".data..ro_after_init", false, false);
	expect_rights(".data", true, false);
	machine_walk(&rig.board.machine,
		     loader.loaded[0].mod.regions[MODSECTION_INIT_TEXT].va, &walk);
	cr_expect_eq(walk.reason, PT_NOT_PRESENT, "init's memory is freed");
	cr_expect_eq((uint32_t)board_read(&rig.board,
					  loader.loaded[0].module + RIG_MODULE_STATE),
		     0, "live");
}

Test(dryrun_loader, a_kernel_that_does_not_seal_leaves_all_writable)
{
	const struct ko ko = with_sections();

	start(&ko);
	rig.space.seals_modules = false;
	cr_assert(load());
	expect_rights(".text", true, true);
	expect_rights(".rodata", true, false);
}

Test(dryrun_loader, bytes_and_entry_points_are_the_files)
{
	const struct ko ko = with_sections();
	const struct loaded *loaded;
	char bytes[16];

	start(&ko);
	cr_assert(load());
	loaded = &loader.loaded[0];
	cr_expect_eq(loaded->init, loaded->mod.sections[1].va);
	cr_expect_eq(loaded->exit, loaded->init + 16);
	cr_expect_eq(loaded->module, loaded->mod.sections[2].va);
	cr_assert_eq(machine_read(&rig.board.machine, loaded->mod.sections[3].va, bytes,
				  sizeof(bytes)),
		     0);
	cr_expect_arr_eq(bytes, "0123456789abcdef", 16);
}

/* struct jump_entry: code and target, relative to themselves, and the key. */
static void branch(struct ko *ko)
{
	static const char entry[16];
	static const Elf64_Rela rela[] = {
		{.r_offset = 0, .r_info = ELF64_R_INFO(1, R_X86_64_PC32)},
		{.r_offset = 4, .r_info = ELF64_R_INFO(2, R_X86_64_PC32)},
		{.r_offset = 8, .r_info = ELF64_R_INFO(3, R_X86_64_PC64)}};
	static const uint64_t key;

	ko->sections[2] = (struct ko_section){
		".data", SHF_ALLOC | SHF_WRITE, 0, &key, sizeof(key), NULL, 0};
	ko->sections[3] = (struct ko_section){
		"__jump_table", SHF_ALLOC | SHF_WRITE, 0, entry, sizeof(entry), rela, 3};
	ko->nr_sections = 4;
	ko->symbols[2] = (struct ko_symbol){"key", 3, 0, STT_OBJECT, STB_LOCAL, 8};
	ko->nr_symbols = 3;
}

Test(dryrun_loader, a_static_branch_is_patched_with_its_key)
{
	static const unsigned char nop[] = {0x0f, 0x1f, 0x44, 0, 0};
	static const unsigned char jump[] = {0xe9, 11, 0, 0, 0}; /* to the second one */
	struct ko ko = rig_ko(text, sizeof(text));
	struct machine *machine = &rig.board.machine;
	uint64_t key, code;
	unsigned char bytes[5];

	branch(&ko);
	start(&ko);
	cr_assert(load());
	code = loader.loaded[0].init;
	key = loader.loaded[0].mod.sections[3].va;
	cr_assert_eq(machine_read(machine, code, bytes, 5), 0);
	cr_expect_arr_eq(bytes, nop, 5);
	machine_write(machine, key, "\x01", 1);
	loader_patch_branches(&loader, key + 8);
	cr_assert_eq(machine_read(machine, code, bytes, 5), 0);
	cr_expect_arr_eq(bytes, nop, 5, "another key");
	loader_patch_branches(&loader, key);
	cr_assert_eq(machine_read(machine, code, bytes, 5), 0);
	cr_expect_arr_eq(bytes, jump, 5);
	machine_write(machine, key, "\0\0\0\0", 4);
	loader_patch_branches(&loader, key);
	cr_assert_eq(machine_read(machine, code, bytes, 5), 0);
	cr_expect_arr_eq(bytes, nop, 5);
	/* static_key_enable_cpuslocked() sets it to 1 behind the patching. */
	machine_write(machine, key, "\xff\xff\xff\xff", 4);
	loader_patch_branches(&loader, key);
	cr_assert_eq(machine_read(machine, code, bytes, 5), 0);
	cr_expect_arr_eq(bytes, jump, 5, "being enabled");
}

Test(dryrun_loader, parameters_are_words_with_blanks_between)
{
	static const char *const words[] = {"a=1", "b=text"};
	const struct ko ko = rig_ko(text, sizeof(text));
	struct machine *machine = &rig.board.machine;
	static struct machine_result result;
	char string[32];

	start(&ko);
	cr_assert(load());
	cr_assert(
		loader_parse(&loader, &loader.loaded[loader.nr - 1], words, 2, &result));
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(board_read(&rig.board, RIG_SEEN),
		     loader.loaded[0].module + RIG_MODULE_NAME);
	cr_assert_eq(machine_read_string(machine, board_read(&rig.board, RIG_SEEN + 8),
					 string, sizeof(string)),
		     0);
	/* A blank at the end would belong to a value whose quotation is open. */
	cr_expect_str_eq(string, "a=1 b=text");
}

Test(dryrun_loader, without_a_struct_module_it_cannot_be_loaded)
{
	struct ko ko = rig_ko(text, sizeof(text));

	ko.nr_sections = 1;
	start(&ko);
	cr_expect_not(load());
	cr_expect_eq(rig.board.machine.run.reason, DRYRUN_UNPREPARED);
	cr_expect_str_eq(rig.board.machine.run.why, "no struct module in the file");
}

Test(dryrun_loader, per_cpu_memory_comes_from_the_kernel)
{
	struct ko ko = rig_ko(text, sizeof(text));

	add(&ko, ".data..percpu", SHF_ALLOC | SHF_WRITE);
	start(&ko);
	cr_expect_not(load(), "this kernel gives none");
	cr_expect_str_eq(rig.board.machine.run.why, "no per-CPU memory for the module");
}

/* The address that it gives is an offset in each CPU's area. */
Test(dryrun_loader, each_cpu_gets_its_copy)
{
	struct ko ko = rig_ko(text, sizeof(text));
	char bytes[16];

	add(&ko, ".data..percpu", SHF_ALLOC | SHF_WRITE);
	start_with(&ko, RIG_SYMBOLS "ffffffff81000280 T __alloc_reserved_percpu\n");
	cr_assert(load(), "%s", rig.board.machine.run.why);
	cr_expect_eq(loader.loaded[0].mod.sections[3].va, 5);
	cr_assert_eq(machine_read(&rig.board.machine, RIG_PER_CPU + 5, bytes, 16), 0);
	cr_expect_arr_eq(bytes, "0123456789abcdef", 16);
}

Test(dryrun_loader, its_exceptions_are_sorted)
{
	struct ko ko = rig_ko(text, sizeof(text));
	uint64_t va;

	add(&ko, "__ex_table", SHF_ALLOC);
	start_with(&ko, RIG_SYMBOLS "ffffffff81000280 T sort_extable\n");
	cr_assert(load(), "%s", rig.board.machine.run.why);
	va = loader.loaded[0].mod.sections[3].va;
	cr_expect_eq(board_read(&rig.board, RIG_SEEN), va);
	cr_expect_eq(board_read(&rig.board, RIG_SEEN + 8), va + 16);
}

/* struct load_info is filled in as far as the kernel's function looks at it. */
Test(dryrun_loader, it_has_an_entry_in_sysfs)
{
	struct ko ko = rig_ko(text, sizeof(text));
	uint64_t info, module;

	start_with(&ko, RIG_SYMBOLS "ffffffff81000180 t mod_sysfs_setup\n");
	cr_assert(load(), "%s", rig.board.machine.run.why);
	module = loader.loaded[0].module;
	cr_expect_eq(board_read(&rig.board, RIG_SEEN), module);
	info = board_read(&rig.board, RIG_SEEN + 8);
	cr_expect_eq(board_read(&rig.board, RIG_SEEN + 16), 0, "no parameters");
	cr_expect_eq(board_read(&rig.board, info), module + RIG_MODULE_NAME);
	cr_expect_eq(board_read(&rig.board, info + 8), module);
	cr_expect_eq(board_read(&rig.board, info + 16), loader.loaded[0].sections);
	cr_expect_eq(board_read(&rig.board, info + 24), file.size_bytes);
	cr_expect_eq((uint32_t)board_read(&rig.board, loader.loaded[0].sections),
		     0x464c457f, "its ELF header");
}

Test(dryrun_loader, no_entry_in_sysfs_is_no_load)
{
	struct ko ko = rig_ko(text, sizeof(text));

	start_with(&ko, RIG_SYMBOLS "ffffffff81000280 t mod_sysfs_setup\n");
	cr_expect_not(load());
	cr_expect_eq(rig.board.machine.run.reason, DRYRUN_UNPREPARED);
	cr_expect_str_eq(rig.board.machine.run.why,
			 "the kernel makes no sysfs entry for it: error 5");
}

/* What registers functions for BPF finds its types; else nobody asks for them. */
Test(dryrun_loader, its_types_are_told_where_they_are_wanted)
{
	struct ko ko = rig_ko(text, sizeof(text));

	add(&ko, ".BTF", SHF_ALLOC);
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){
		"register_btf_kfunc_id_set", 0, 0, 0, STB_GLOBAL, 0};
	start_with(&ko, RIG_SYMBOLS "ffffffff81000280 t btf_module_notify\n");
	cr_assert(load(), "%s", rig.board.machine.run.why);
	cr_expect_eq(board_read(&rig.board, RIG_SEEN + 8), 1, "MODULE_STATE_COMING");
	cr_expect_eq(board_read(&rig.board, RIG_SEEN + 16), loader.loaded[0].module);
}

Test(dryrun_loader, its_types_are_not_told_where_nobody_wants_them)
{
	struct ko ko = rig_ko(text, sizeof(text));

	add(&ko, ".BTF", SHF_ALLOC);
	start_with(&ko, RIG_SYMBOLS "ffffffff81000280 t btf_module_notify\n");
	cr_assert(load(), "%s", rig.board.machine.run.why);
	cr_expect_neq(board_read(&rig.board, RIG_SEEN + 16), loader.loaded[0].module);
}

Test(dryrun_loader, parameters_that_no_kernel_takes)
{
	static char word[70000];
	static const char *const words[] = {word};
	const struct ko ko = rig_ko(text, sizeof(text));
	static struct machine_result result;

	memset(word, 'a', sizeof(word) - 1);
	start(&ko);
	cr_assert(load());
	cr_expect_not(loader_parse(&loader, &loader.loaded[0], words, 1, &result));
	cr_expect_str_eq(rig.board.machine.run.why, "the parameters are too long");
}

Test(dryrun_loader, more_modules_than_there_is_room_for)
{
	const struct ko ko = rig_ko(text, sizeof(text));

	start(&ko);
	loader.nr = loader.nr_borrowed = LOADER_MAX_LOADED;
	cr_expect_not(load());
	cr_expect_str_eq(rig.board.machine.run.why, "it needs too many modules");
	loader.nr = loader.nr_borrowed = 0;
}
