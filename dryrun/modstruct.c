/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's struct module of a module that is being loaded. */
#include "dryrun/modstruct.h"

#ifdef KWCHECK_UNICORN

#include <string.h>

#include "dryrun/kernelcall.h"
#include "machine/cpu.h"
#include "module/modimage.h"

const struct modimage_section *modstruct_section(const struct modimage *mod,
						 const char *name, uint64_t *ret_bytes)
{
	const struct kofile *file = mod->file;

	for (size_t i = 1; i < file->nr_sections; i++)
		if (strcmp(file->sections[i].name, name) == 0 &&
		    mod->sections[i].kind != MODSECTION_NONE) {
			*ret_bytes = file->sections[i].size_bytes;
			return &mod->sections[i];
		}
	return NULL;
}

/* Sets @member of struct module, where this kernel has it. */
void modstruct_set(struct machine *machine, uint64_t va, const char *member,
		   uint64_t value, size_t size_bytes)
{
	uint32_t offset;

	if (types_offset(&machine->kernel->types, "module", member, &offset) == 0)
		machine_write(machine, va + offset, &value, size_bytes);
}

void modstruct_put(struct machine *machine, uint64_t va)
{
	uint32_t offset, nr = 0;

	if (types_offset(&machine->kernel->types, "module", "refcnt", &offset) == 0 &&
	    machine_read(machine, va + offset, &nr, sizeof(nr)) == 0 && nr)
		modstruct_set(machine, va, "refcnt", nr - 1, sizeof(nr));
}

static void make_empty_list(struct machine *machine, uint64_t va, const char *member)
{
	uint64_t head[2];
	uint32_t offset;

	if (types_offset(&machine->kernel->types, "module", member, &offset) < 0)
		return;
	head[0] = head[1] = va + offset;
	machine_write(machine, head[0], head, sizeof(head));
}

/* kernel/module/main.c:find_module_sections() */
static const struct {
	const char *section, *member, *count;
	unsigned entry_bytes; /* 0: the count is in bytes */
	unsigned count_bytes;
} tables[] = {
	{"__param", "kp", "num_kp", 40, 4},
	{"__ksymtab", "syms", "num_syms", 12, 4},
	{"__kcrctab", "crcs", NULL, 0, 0},
	{"__kcrctab", "s_crcs", NULL, 0, 0},
	{"__ksymtab_gpl", "gpl_syms", "num_gpl_syms", 12, 4},
	{"__kcrctab_gpl", "gpl_crcs", NULL, 0, 0},
	{"__ex_table", "extable", "num_exentries", 12, 4},
	{"__jump_table", "jump_entries", "num_jump_entries", 16, 4},
	{".static_call_sites", "static_call_sites", "num_static_call_sites", 8, 4},
	{"__tracepoints_ptrs", "tracepoints_ptrs", "num_tracepoints", 4, 4},
	{"__bpf_raw_tp_map", "bpf_raw_events", "num_bpf_raw_events", 32, 4},
	{".BTF", "btf_data", "btf_data_size", 0, 4},
	{".BTF.base", "btf_base_data", "btf_base_data_size", 0, 4},
	{"_ftrace_events", "trace_events", "num_trace_events", 8, 4},
	{"_ftrace_eval_map", "trace_evals", "num_trace_evals", 8, 4},
	{"_error_injection_whitelist", "ei_funcs", "num_ei_funcs", 16, 4},
	{".noinstr.text", "noinstr_text_start", "noinstr_text_size", 0, 4},
};

static void set_tables(struct machine *machine, const struct modimage *mod, uint64_t va)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		uint64_t bytes;
		const struct modimage_section *section = modstruct_section(
			mod, tables[i].section, &bytes);

		if (!section)
			continue;
		modstruct_set(machine, va, tables[i].member, section->va, 8);
		if (tables[i].count)
			modstruct_set(machine, va, tables[i].count,
				      bytes / (tables[i].entry_bytes
						       ? tables[i].entry_bytes
						       : 1),
				      tables[i].count_bytes);
	}
}

/* kernel/cfi.c:module_cfi_finalize() */
static void set_type_traps(struct machine *machine, const struct modimage *mod,
			   uint64_t va)
{
	uint64_t bytes;
	const struct modimage_section *section = modstruct_section(mod, "__kcfi_traps",
								   &bytes);

	if (!section)
		return;
	modstruct_set(machine, va, "kcfi_traps", section->va, 8);
	modstruct_set(machine, va, "kcfi_traps_end", section->va + bytes, 8);
}

/* One part of the module's memory, as struct module tells it. */
static void set_part(struct machine *machine, uint64_t module, uint64_t part,
		     const char *type, uint64_t va, uint64_t size_bytes)
{
	const struct types *types = &machine->kernel->types;
	uint32_t size = (uint32_t)size_bytes, offset;

	if (!size_bytes)
		return;
	if (types_offset(types, type, "base", &offset) == 0)
		machine_write(machine, part + offset, &va, sizeof(va));
	if (types_offset(types, type, "size", &offset) == 0)
		machine_write(machine, part + offset, &size, sizeof(size));
	/* struct mod_tree_node: its module is first. */
	if (types_offset(types, type, "mtn", &offset) == 0)
		machine_write(machine, part + offset, &module, sizeof(module));
}

bool modstruct_find_parts(struct types *types, struct modstruct_parts *ret)
{
	uint32_t mem, size_bytes;

	*ret = (struct modstruct_parts){0};
	if (types_offset(types, "module", "mem", &mem) == 0 &&
	    types_size(types, "module_memory", &size_bytes) == 0) {
		ret->type = "module_memory";
		for (int kind = 0; kind < MODSECTION_NR_KINDS; kind++)
			if (modsection_mem_index(kind) >= 0)
				ret->nr++;
		for (size_t i = 0; i < ret->nr; i++)
			ret->offsets[i] = mem + (uint32_t)i * size_bytes;
		return true;
	}
	ret->type = "module_layout";
	ret->nr = 2;
	return types_offset(types, "module", "core_layout", &ret->offsets[0]) == 0 &&
	       types_offset(types, "module", "init_layout", &ret->offsets[1]) == 0;
}

static void set_parts(struct machine *machine, const struct modimage *mod, uint64_t va)
{
	const struct modimage_region *regions = mod->regions;
	uint64_t core = mod->va, init = regions[MODSECTION_INIT_TEXT].va;
	struct modstruct_parts parts;

	if (!modstruct_find_parts(&machine->kernel->types, &parts))
		return;
	if (parts.nr == 2) {
		set_part(machine, va, va + parts.offsets[0], parts.type, core,
			 init - core);
		set_part(machine, va, va + parts.offsets[1], parts.type, init,
			 core + mod->size_bytes - init);
		return;
	}
	for (int kind = 0; kind < MODSECTION_NR_KINDS; kind++) {
		int i = modsection_mem_index(kind);

		if (i >= 0)
			set_part(machine, va, va + parts.offsets[i], parts.type,
				 regions[kind].va, regions[kind].size_bytes);
	}
}

/* Into the list of modules, and the tree by which addresses are looked up. */
static bool link_module(struct machine *machine, const struct modimage *mod, uint64_t va)
{
	struct kernel *kernel = machine->kernel;
	uint64_t head, next, function, ignored, bound;
	uint32_t offset;
	uint64_t end = mod->va + mod->size_bytes;

	if (types_offset(&kernel->types, "module", "list", &offset) == 0 &&
	    symbols_address(&kernel->symbols, "modules", &head) &&
	    machine_read_pointer(machine, head, &next)) {
		uint64_t entry[2] = {next, head}, self = va + offset;

		machine_write(machine, self, entry, sizeof(entry));
		machine_write(machine, head, &self, sizeof(self));
		machine_write(machine, next + 8, &self, sizeof(self));
	}
	if (!symbols_address(&kernel->symbols, "mod_tree", &head))
		return true;
	if (types_offset(&kernel->types, "mod_tree_root", "addr_min", &offset) == 0 &&
	    machine_read_pointer(machine, head + offset, &bound) && mod->va < bound)
		machine_write(machine, head + offset, &mod->va, 8);
	if (types_offset(&kernel->types, "mod_tree_root", "addr_max", &offset) == 0 &&
	    machine_read_pointer(machine, head + offset, &bound) && end > bound)
		machine_write(machine, head + offset, &end, sizeof(end));
	return !symbols_address(&kernel->symbols, "mod_tree_insert", &function) ||
	       kernelcall_run(machine, function, 1, &va, &ignored);
}

bool modstruct_fill(struct machine *machine, const struct modimage *mod, uint64_t va)
{
	modstruct_set(machine, va, "state", MODSTRUCT_COMING, 4);
	modstruct_set(machine, va, "refcnt", MODSTRUCT_REFERENCES, 4);
	modstruct_set(machine, va, "percpu", mod->regions[MODSECTION_PER_CPU].va, 8);
	modstruct_set(machine, va, "percpu_size", mod->per_cpu_bytes, 4);
	make_empty_list(machine, va, "source_list");
	make_empty_list(machine, va, "target_list");
	set_tables(machine, mod, va);
	set_type_traps(machine, mod, va);
	set_parts(machine, mod, va);
	return link_module(machine, mod, va);
}

#endif
