/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel that a module can be loaded into. */
#include "rig.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct board_type types[] = {
	{"task_struct", 64, {{"tasks", 0}, {"stack", 16}}},
	{"module",
	 RIG_MODULE_BYTES,
	 {{"state", RIG_MODULE_STATE},
	  {"list", RIG_MODULE_LIST},
	  {"name", RIG_MODULE_NAME},
	  {"refcnt", RIG_MODULE_REFCNT},
	  {"kp", RIG_MODULE_KP},
	  {"num_kp", RIG_MODULE_NUM_KP},
	  {"args", RIG_MODULE_ARGS},
	  {"mem", RIG_MODULE_MEM},
	  {"init", RIG_MODULE_INIT},
	  {"exit", RIG_MODULE_EXIT},
	  {"source_list", RIG_MODULE_USERS},
	  {"kcfi_traps", RIG_MODULE_TRAPS},
	  {"kcfi_traps_end", RIG_MODULE_TRAPS + 8}}},
	{"module_memory", 32, {{"base", 0}, {"size", 8}, {"mtn", 16}}},
	{"load_info",
	 64,
	 {{"name", 0},
	  {"mod", 8},
	  {"hdr", 16},
	  {"len", 24},
	  {"sechdrs", 32},
	  {"secstrings", 40},
	  {"strtab", 48}}},
	{"mod_tree_root", 32, {{"addr_min", 16}, {"addr_max", 24}}},
};

/* mov %rdi,RIG_SEEN; mov %rsi,RIG_SEEN+8; mov %rdx,RIG_SEEN+16; mov $@value,%rax; ret */
static void put_function(uint64_t va, int32_t value)
{
	char code[] = "\x48\x89\x3c\x25\x00\x03\x40\x81\x48\x89\x34\x25\x08\x03\x40\x81"
		      "\x48\x89\x14\x25\x10\x03\x40\x81\x48\xc7\xc0\x00\x00\x00\x00\xc3";

	memcpy(code + 27, &value, sizeof(value));
	small_put_bytes(va, code, sizeof(code) - 1);
}

static void fill(void)
{
	board_put_allocator(RIG_ALLOCATOR, RIG_NEXT_PAGE);
	put_function(RIG_TREE_INSERT, 0);
	put_function(RIG_PARSE_ARGS, 0);
	put_function(RIG_HELPER, 5);
	put_function(RIG_REFUSE, -22);
	small_put(SMALL_DATA + 0xf08, RIG_PER_CPU);
	small_put(SMALL_DATA + 0x1000, RIG_TASK); /* init_task: the next one */
	small_put(RIG_TASK + 16, RIG_STACK);
	small_put(RIG_MODULES, RIG_MODULES);
	small_put(RIG_MODULES + 8, RIG_MODULES);
	small_put(RIG_TREE + 16, UINT64_MAX); /* no addresses */
}

void rig_open(struct rig *rig, const char *symbols)
{
	struct kernel *kernel = &rig->board.small.kernel;

	board_open(&rig->board, symbols, fill,
		   board_btf(types, sizeof(types) / sizeof(types[0])));
	cr_assert_eq(exports_read(&rig->exports, kernel), 0);
	cr_assert_eq(addrspace_open(&rig->space, kernel, &rig->exports), 0);
	rig->space.seals_modules = true;
}

void rig_close(struct rig *rig)
{
	addrspace_close(&rig->space);
	exports_close(&rig->exports);
	board_close(&rig->board);
}

struct ko rig_ko(const void *text, size_t text_bytes)
{
	static const char this_module[RIG_MODULE_BYTES];
	static const Elf64_Rela entries[] = {
		{.r_offset = RIG_MODULE_INIT, .r_info = ELF64_R_INFO(1, R_X86_64_64)},
		{.r_offset = RIG_MODULE_EXIT, .r_info = ELF64_R_INFO(2, R_X86_64_64)}};

	return (struct ko){
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, text, text_bytes,
			      NULL, 0},
			     {".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE, 0,
			      this_module, sizeof(this_module), entries, 2}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 16},
			    {"cleanup_module", 1, 16, STT_FUNC, STB_GLOBAL, 16}},
		.nr_symbols = 2,
	};
}
