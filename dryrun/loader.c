/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does in a machine what the kernel's loader does between insmod and a module's init. */
#include "dryrun/loader.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dryrun/kernelcall.h"
#include "dryrun/modstruct.h"
#include "dryrun/modtree.h"
#include "dryrun/reason.h"
#include "dryrun/task.h"
#include "dryrun/unload.h"
#include "machine/call.h"
#include "module/modsym.h"
#include "module/parameters.h"
#include "module/relocate.h"

static const uint64_t PTE_ACCESSED = 1 << 5, PTE_GLOBAL = 1 << 8;

static bool fail(const struct loader *loader, const char *what)
{
	return kernelcall_fail(loader->machine, what);
}

static uint64_t flags_of(bool is_writable, bool is_executable)
{
	return PT_PRESENT | PTE_ACCESSED | PTE_GLOBAL |
	       (is_writable ? PT_RW | PT_DIRTY : 0) | (is_executable ? 0 : PT_NX);
}

/* Maps new pages at @va, and copies @bytes (or nothing) there. */
static bool add_pages(struct loader *loader, uint64_t va, uint64_t size_bytes,
		      const unsigned char *bytes, bool is_executable)
{
	struct machine *machine = loader->machine;

	for (uint64_t i = 0; i < size_bytes; i += PAGE_BYTES) {
		unsigned char *page;
		uint64_t pa;

		if (pagealloc_next(&loader->pages, &pa) < 0 ||
		    machine_map(machine, va + i, pa, flags_of(true, is_executable),
				pagealloc_next, &loader->pages) < 0)
			return fail(loader, "no page for the module");
		if (!bytes)
			continue;
		if (machine_frame(machine, pa, &page) < 0)
			return fail(loader, "the module's page cannot be written");
		memcpy(page, bytes + i, PAGE_BYTES);
	}
	return true;
}

static void set_rights(struct loader *loader, const struct modimage_region *region,
		       bool is_writable, bool is_executable)
{
	struct machine *machine = loader->machine;

	for (uint64_t i = 0; i < region->size_bytes; i += PAGE_BYTES) {
		struct pt_walk walk;

		machine_walk(machine, region->va + i, &walk);
		if (walk.reason == PT_OK)
			machine_map(machine, region->va + i, walk.pa,
				    flags_of(is_writable, is_executable), pagealloc_next,
				    &loader->pages);
	}
}

static void unmap(struct loader *loader, const struct modimage_region *region)
{
	for (uint64_t i = 0; i < region->size_bytes; i += PAGE_BYTES)
		machine_map(loader->machine, region->va + i, 0, 0, pagealloc_next,
			    &loader->pages);
}

/* kernel/module/strict_rwx.c */
static void seal(struct loader *loader, const struct modimage *mod,
		 enum module_phase phase)
{
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_PER_CPU; kind++)
		set_rights(loader, &mod->regions[kind],
			   !loader->space->seals_modules ||
				   modsection_is_writable(kind, phase),
			   modsection_is_code(kind));
	machine_flush(loader->machine);
}

/* Maps pages for the loader's own use; returns their address. 0: the run is over. */
static uint64_t take_scratch(struct loader *loader, uint64_t size_bytes)
{
	uint64_t va = loader->scratch;

	size_bytes = (size_bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
	if (size_bytes > loader->scratch_end - va) {
		fail(loader, "the loader's own tables are too large");
		return 0;
	}
	loader->scratch += size_bytes + PAGE_BYTES;
	return add_pages(loader, va, size_bytes, NULL, false) ? va : 0;
}

bool loader_open(struct loader *ret, struct machine *machine, struct addrspace *space,
		 struct freelist_layout *freelists)
{
	static const uint64_t ROOM_AT = 96 * 1024 * 1024, ROOM_BYTES = 31 * 1024 * 1024;
	const struct kernel *kernel = machine->kernel;

	*ret = (struct loader){
		.machine = machine,
		.space = space,
		.scratch = space->room + ROOM_AT,
		.scratch_end = space->room + ROOM_AT + ROOM_BYTES,
		.pages = {.machine = machine},
	};
	ret->loaded = calloc(LOADER_MAX_LOADED, sizeof(*ret->loaded));
	if (!ret->loaded)
		return fail(ret, "no memory");
	if (!task_enter(machine, ret->scratch_end))
		return fail(ret,
			    "no task to run as: the kernel's BTF or its task list is "
			    "missing");
	freelist_empty_all(machine, freelists);
	/* What changed while it was read; dumps are of one moment. */
	return !(kernel->is_live || kernel->unsteady_note) || modtree_rebuild(machine);
}

void loader_close(struct loader *loader)
{
	for (size_t i = loader->nr_borrowed; loader->loaded && i < loader->nr; i++)
		modimage_close(&loader->loaded[i].mod);
	free(loader->loaded);
	loader->loaded = NULL;
	loader->nr = 0;
}

int loader_take(const struct loader *loader, struct loader *ret)
{
	struct loader taken = *loader;

	taken.nr = taken.nr_borrowed = 0;
	taken.loaded = calloc(loader->nr + 1, sizeof(*taken.loaded));
	if (!taken.loaded)
		return -ENOMEM;
	for (; taken.nr < loader->nr; taken.nr++) {
		struct loaded *loaded = &taken.loaded[taken.nr];

		*loaded = loader->loaded[taken.nr];
		/* One that was dropped has no image. */
		if (loaded->mod.file &&
		    modimage_outline(&loaded->mod, &loader->loaded[taken.nr].mod) < 0) {
			loader_close(&taken);
			return -ENOMEM;
		}
	}
	*ret = taken;
	return 0;
}

bool loader_resume(struct loader *ret, struct machine *machine, struct addrspace *space,
		   const struct loader *taken)
{
	*ret = *taken;
	ret->machine = ret->pages.machine = machine;
	ret->space = space;
	ret->nr_borrowed = taken->nr;
	ret->loaded = calloc(LOADER_MAX_LOADED, sizeof(*ret->loaded));
	if (!ret->loaded) {
		ret->nr = ret->nr_borrowed = 0;
		return fail(ret, "no memory");
	}
	memcpy(ret->loaded, taken->loaded, taken->nr * sizeof(*ret->loaded));
	return true;
}

/* --- what the kernel's own code does --- */

/* The ELF header, the section headers with the addresses filled in, and the names: as
 * they lie behind struct load_info.
 */
static bool add_headers(struct loader *loader, struct loaded *loaded)
{
	const struct kofile *file = loaded->mod.file;
	size_t headers_bytes = file->nr_sections * ELF64_SHDR_BYTES;
	Elf64_Ehdr header;
	Elf64_Shdr *headers;
	const struct kofile_section *names;
	uint64_t at = ELF64_EHDR_BYTES + headers_bytes;
	bool is_done;

	memcpy(&header, file->bytes, ELF64_EHDR_BYTES);
	if (header.e_shstrndx >= file->nr_sections)
		return fail(loader, "no section names");
	names = &file->sections[header.e_shstrndx];
	loaded->sections = take_scratch(loader, at + names->size_bytes);
	if (!loaded->sections)
		return false;
	headers = calloc(file->nr_sections, ELF64_SHDR_BYTES);
	if (!headers)
		return fail(loader, "no memory");
	memcpy(headers, file->bytes + header.e_shoff, headers_bytes);
	for (size_t i = 0; i < file->nr_sections; i++)
		headers[i].sh_addr = i && loaded->mod.sections[i].kind != MODSECTION_NONE
					     ? loaded->mod.sections[i].va
					     : 0;
	headers[header.e_shstrndx].sh_offset = at;
	header.e_shoff = ELF64_EHDR_BYTES;
	is_done = machine_write(loader->machine, loaded->sections, &header,
				ELF64_EHDR_BYTES) == 0 &&
		  machine_write(loader->machine, loaded->sections + ELF64_EHDR_BYTES,
				headers, headers_bytes) == 0 &&
		  machine_write(loader->machine, loaded->sections + at, names->data,
				names->size_bytes) == 0;
	free(headers);
	return is_done || fail(loader, "the section headers cannot be written");
}

static bool finalize(struct loader *loader, const struct loaded *loaded)
{
	struct machine *machine = loader->machine;
	uint64_t headers = loaded->sections + ELF64_EHDR_BYTES, bytes;
	const struct modimage_section *extable = modstruct_section(&loaded->mod,
								   "__ex_table", &bytes);

	if (extable) {
		uint64_t range[] = {extable->va, extable->va + bytes};

		if (!kernelcall_if_there(machine, "sort_extable", 2, range))
			return false;
	}
	return kernelcall_if_there(
		       machine, "module_bug_finalize", 3,
		       (const uint64_t[]){loaded->sections, headers, loaded->module}) &&
	       kernelcall_if_there(
		       machine, "module_finalize", 3,
		       (const uint64_t[]){loaded->sections, headers, loaded->module});
}

/* struct load_info, as far as mod_sysfs_setup() looks at it. */
static bool add_sysfs(struct loader *loader, const struct loaded *loaded)
{
	struct kernel *kernel = loader->machine->kernel;
	const struct kofile *file = loaded->mod.file;
	uint64_t headers = loaded->sections + ELF64_EHDR_BYTES;
	uint64_t names = headers + file->nr_sections * ELF64_SHDR_BYTES, name, bytes;
	const struct modimage_section *parameters = modstruct_section(&loaded->mod,
								      "__param", &bytes);
	uint32_t size, offset, at_name;
	uint64_t info, function, r;

	if (types_size(&kernel->types, "load_info", &size) < 0 ||
	    types_offset(&kernel->types, "module", "name", &at_name) < 0 ||
	    !symbols_address(&kernel->symbols, "mod_sysfs_setup", &function))
		return true;
	info = take_scratch(loader, size);
	if (!info)
		return false;
	name = loaded->module + at_name;
	{
		const struct {
			const char *member;
			uint64_t value;
		} members[] = {
			{"name", name},
			{"mod", loaded->module},
			{"hdr", loaded->sections},
			{"len", file->size_bytes},
			{"sechdrs", headers},
			{"secstrings", names},
			{"strtab", names},
		};

		for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			if (types_offset(&kernel->types, "load_info", members[i].member,
					 &offset) == 0)
				machine_write(loader->machine, info + offset,
					      &members[i].value, 8);
	}
	/* If it fails, so does the load. */
	if (!kernelcall_run(loader->machine, function, 4,
			    (const uint64_t[]){loaded->module, info,
					       parameters ? parameters->va : 0,
					       parameters ? bytes / 40 : 0},
			    &r))
		return false;
	if ((int)r != 0)
		machine_stop(loader->machine, DRYRUN_UNPREPARED,
			     "the kernel makes no sysfs entry for it: error %d", (int)r);
	return !loader->machine->run.has_ended;
}

/* A module's own BTF is registered by a notifier; functions for BPF need it. */
static bool add_btf(struct loader *loader, const struct loaded *loaded)
{
	uint64_t bytes, function, ignored;

	if (!modstruct_section(&loaded->mod, ".BTF", &bytes) ||
	    !symbols_address(&loader->machine->kernel->symbols, "btf_module_notify",
			     &function))
		return true;
	for (size_t i = 1; i < loaded->mod.file->nr_symbols; i++)
		if (strncmp(loaded->mod.file->symbols[i].name, "register_btf_", 13) == 0)
			return kernelcall_run(
				loader->machine, function, 3,
				(const uint64_t[]){0, MODSTRUCT_COMING, loaded->module},
				&ignored);
	return true;
}

/* --- static branches: kernel/jump_label.c --- */

static void patch_branch(struct loader *loader, uint64_t entry, uint64_t key)
{
	static const unsigned char nops[2][5] = {{0x66, 0x90},
						 {0x0f, 0x1f, 0x44, 0x00, 0x00}};
	struct {
		int32_t code, target;
		int64_t key;
	} words;
	unsigned char bytes[5], is_long;
	uint64_t code, target, of;
	int32_t enabled = 0;

	if (machine_read(loader->machine, entry, &words, sizeof(words)) < 0)
		return;
	code = entry + (uint64_t)(int64_t)words.code;
	target = entry + 4 + (uint64_t)(int64_t)words.target;
	of = entry + 8 + (uint64_t)(words.key & ~3LL);
	if ((key && of != key) ||
	    machine_read(loader->machine, of, &enabled, sizeof(enabled)) < 0 ||
	    machine_read(loader->machine, code, bytes, 2) < 0)
		return;
	is_long = bytes[0] != 0xeb && bytes[0] != 0x66;
	/* static_key_count(): -1 while it is being enabled. */
	if ((enabled != 0) != (words.key & 1)) {
		int64_t by = (int64_t)(target - code) - (is_long ? 5 : 2);
		int32_t by32 = (int32_t)by;

		bytes[0] = is_long ? 0xe9 : 0xeb;
		memcpy(bytes + 1, &by32, is_long ? 4 : 1);
	} else {
		memcpy(bytes, nops[is_long], sizeof(bytes));
	}
	machine_write(loader->machine, code, bytes, is_long ? 5 : 2);
}

void loader_patch_branches(struct loader *loader, uint64_t key)
{
	for (size_t i = 0; i < loader->nr; i++) {
		uint64_t bytes;
		const struct modimage_section *section =
			loader->loaded[i].module
				? modstruct_section(&loader->loaded[i].mod,
						    "__jump_table", &bytes)
				: NULL;

		for (uint64_t j = 0; section && j + 16 <= bytes; j += 16)
			patch_branch(loader, section->va + j, key);
	}
}

/* --- loading --- */

static bool reserve_per_cpu(struct loader *loader, struct modimage *mod, uint64_t *ret)
{
	uint64_t function;

	*ret = 0;
	if (!mod->per_cpu_bytes)
		return true;
	if (!symbols_address(&loader->machine->kernel->symbols, "__alloc_reserved_percpu",
			     &function) &&
	    !symbols_address(&loader->machine->kernel->symbols, "pcpu_alloc_noprof",
			     &function))
		return fail(loader, "no per-CPU memory for the module");
	/* (size, align) and (size, align, reserved, gfp) alike. */
	if (!kernelcall_run(loader->machine, function, 4,
			    (const uint64_t[]){mod->per_cpu_bytes, mod->per_cpu_align, 1,
					       PAGEALLOC_GFP_KERNEL},
			    ret))
		return false;
	return *ret || fail(loader, "no per-CPU memory for the module");
}

static bool copy_per_cpu(struct loader *loader, const struct modimage *mod)
{
	const struct modimage_region *region = &mod->regions[MODSECTION_PER_CPU];
	uint64_t va;

	for (unsigned cpu = 0;
	     mod->per_cpu_bytes &&
	     kernel_per_cpu(loader->machine->kernel, region->va, cpu, &va) == 0;
	     cpu++)
		if (machine_write(loader->machine, va, region->image,
				  mod->per_cpu_bytes) < 0)
			break; /* no such CPU */
	return true;
}

static bool place_file(struct loader *loader, struct loaded *loaded,
		       const struct kofile *file, uint64_t va)
{
	uint64_t per_cpu;
	int r = modimage_layout(&loaded->mod, file, &loader->space->section_rules);

	if (r < 0)
		return fail(loader, "the module cannot be laid out");
	loader->nr++;
	if (!reserve_per_cpu(loader, &loaded->mod, &per_cpu))
		return false;
	modimage_move(&loaded->mod, va, per_cpu);
	if (relocate_resolve(&loaded->mod, addrspace_resolve, loader->space) < 0 ||
	    relocate_load(&loaded->mod) < 0)
		return fail(loader, "no memory");
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_PER_CPU; kind++) {
		const struct modimage_region *region = &loaded->mod.regions[kind];

		if (!add_pages(loader, region->va, region->size_bytes, region->image,
			       modsection_is_code(kind)))
			return false;
	}
	return copy_per_cpu(loader, &loaded->mod);
}

static void find_entry(struct loader *loader, struct loaded *loaded, bool is_exit,
		       uint64_t *ret)
{
	uint32_t offset;

	if (types_offset(&loader->machine->kernel->types, "module",
			 is_exit ? "exit" : "init", &offset) < 0 ||
	    modsym_entry(&loaded->mod, is_exit, offset, ret) < 0)
		*ret = 0;
}

bool loader_load(struct loader *loader, const struct kofile *file, uint64_t va)
{
	struct loaded *loaded = &loader->loaded[loader->nr];
	uint64_t bytes;
	const struct modimage_section *this_module;

	if (loader->nr == LOADER_MAX_LOADED)
		return fail(loader, "it needs too many modules");
	if (!place_file(loader, loaded, file, va))
		return false;
	this_module = modstruct_section(&loaded->mod, ".gnu.linkonce.this_module",
					&bytes);
	if (!this_module)
		return fail(loader, "no struct module in the file");
	loaded->module = this_module->va;
	find_entry(loader, loaded, false, &loaded->init);
	find_entry(loader, loaded, true, &loaded->exit);
	if (!add_headers(loader, loaded) ||
	    !modstruct_fill(loader->machine, &loaded->mod, loaded->module) ||
	    !finalize(loader, loaded))
		return false;
	loader_patch_branches(loader, 0);
	seal(loader, &loaded->mod, MODULE_PHASE_INIT);
	return add_btf(loader, loaded) && add_sysfs(loader, loaded);
}

const struct loaded *loader_find(const struct loader *loader, const char *name)
{
	for (size_t i = 0; i < loader->nr; i++)
		if (loader->loaded[i].module &&
		    strcmp(loader->loaded[i].mod.file->module_name, name) == 0)
			return &loader->loaded[i];
	return NULL;
}

/* Where the words lie as one string; 0: the run is over. */
static uint64_t put_words(struct loader *loader, const char *const words[],
			  size_t nr_words)
{
	enum { MAX_BYTES = 65536 };
	uint64_t va = take_scratch(loader, MAX_BYTES);
	char *text = va ? parameters_join(words, nr_words) : NULL;
	size_t bytes = text ? strlen(text) + 1 : 0;

	if (va && (!text || bytes > MAX_BYTES ||
		   machine_write(loader->machine, va, text, bytes) < 0)) {
		fail(loader, text ? "the parameters are too long" : "no memory");
		va = 0;
	}
	free(text);
	return va;
}

bool loader_parse(struct loader *loader, const struct loaded *loaded,
		  const char *const words[], size_t nr_words, struct machine_result *ret)
{
	struct kernel *kernel = loader->machine->kernel;
	uint64_t bytes = 0, text, function, unknown = 0;
	const struct modimage_section *parameters = modstruct_section(&loaded->mod,
								      "__param", &bytes);
	uint32_t at_name;

	*ret = (struct machine_result){.end = MACHINE_RETURNED};
	if (!nr_words)
		return true;
	if (!symbols_address(&kernel->symbols, "parse_args", &function) ||
	    types_offset(&kernel->types, "module", "name", &at_name) < 0)
		return fail(loader, "the kernel's parse_args() is not to be found");
	symbols_address(&kernel->symbols, "unknown_module_param_cb", &unknown);
	text = put_words(loader, words, nr_words);
	if (!text)
		return false;
	modstruct_set(loader->machine, loaded->module, "args", text, 8);
	/* -32768 and 32767: parameters of every level. */
	machine_call(loader->machine, function, 8,
		     (const uint64_t[]){loaded->module + at_name, text,
					parameters ? parameters->va : 0, bytes / 40,
					(uint64_t)-32768, 32767, loaded->module, unknown},
		     ret);
	return true;
}

bool loader_forget(struct loader *loader, struct loaded *loaded)
{

	if (!unload_forget(loader->machine, loaded->module))
		return false;
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_PER_CPU; kind++)
		unmap(loader, &loaded->mod.regions[kind]);
	machine_flush(loader->machine);
	modimage_close(&loaded->mod);
	*loaded = (struct loaded){0};
	/* Others may have come behind it meanwhile. */
	if (loaded == &loader->loaded[loader->nr - 1])
		loader->nr--;
	return true;
}

void loader_go_live(struct loader *loader, struct loaded *loaded)
{
	loaded->is_live = true;
	modstruct_set(loader->machine, loaded->module, "state", MODSTRUCT_LIVE, 4);
	modstruct_put(loader->machine, loaded->module);
	seal(loader, &loaded->mod, MODULE_PHASE_LIVE);
	/* Then the memory of init is freed. */
	for (int kind = MODSECTION_INIT_TEXT; kind <= MODSECTION_INIT_DATA; kind++)
		unmap(loader, &loaded->mod.regions[kind]);
	machine_flush(loader->machine);
}

#endif
