/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses a module's code would meet. */
#include "module/addrspace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/region.h"
#include "kcore/x86.h"
#include "module/modsym.h"
#include "pagetable/sweep.h"

/* Needed modules are put this far above the module in question, which so has room for
 * the largest module there is.
 */
static const uint64_t NEEDED_AT = 64 * 1024 * 1024;

enum { NR_PAGES_BITS = 13, NR_PAGES = 1 << NR_PAGES_BITS };

struct addrspace_page {
	uint64_t va; /* page-aligned; 0: free */
	uint64_t pa;
	bool is_mapped, is_writable, is_executable;
};

/* Does the kernel seal modules? Without CONFIG_STRICT_MODULE_RWX, or with rodata=off, it
 * leaves them writable. module_enable_ro() asks this variable: init/main.c. Without
 * CONFIG_KALLSYMS_ALL the variable has no name. The kernel's own text is sealed by the
 * same option then, and what cannot be told is taken to be sealed.
 */
static bool is_sealing(struct kernel *kernel)
{
	uint64_t text = kernel->labels[LABEL_TEXT];
	uint8_t is_enabled;
	struct pt_walk walk;

	if (kernel_read_variable(kernel, "rodata_enabled", &is_enabled,
				 sizeof(is_enabled)) == 0)
		return is_enabled;
	if (!text)
		return true;
	pt_walk(&kernel->pt, text, &walk);
	return walk.reason != PT_OK || walk.verdict != PT_WRITABLE;
}

int addrspace_open(struct addrspace *ret, struct kernel *kernel,
		   const struct exports *exports)
{
	struct addrspace space = {.kernel = kernel, .exports = exports};
	int r;

	space.pages = calloc(NR_PAGES, sizeof(*space.pages));
	if (!space.pages) {
		addrspace_close(&space);
		return -ENOMEM;
	}
	space.seals_modules = is_sealing(kernel);
	r = modimage_find_room(kernel, 2 * NEEDED_AT, 0, &space.room);
	if (r < 0) {
		addrspace_close(&space);
		return r;
	}
	space.next_room = space.room + NEEDED_AT;
	space.asked_room = space.room + ADDRSPACE_ROOM_BYTES;
	landmarks_find(&space.landmarks, kernel);
	policy_read(&space.policy, kernel);
	modsection_read(&space.section_rules, kernel);
	*ret = space;
	return 0;
}

void addrspace_close(struct addrspace *space)
{
	free(space->pages);
	policy_close(&space->policy);
	memset(space, 0, sizeof(*space));
}

static const struct addrspace_page *page_of(struct addrspace *space, uint64_t va)
{
	uint64_t start = va & ~(uint64_t)(PAGE_BYTES - 1);
	struct addrspace_page *page =
		&space->pages[array_hash(start / PAGE_BYTES) >> (64 - NR_PAGES_BITS)];
	struct pt_walk walk;

	if (page->va == start && start)
		return page;
	pt_walk(&space->kernel->pt, start, &walk);
	*page = (struct addrspace_page){
		.va = start,
		.pa = walk.pa,
		.is_mapped = walk.reason == PT_OK,
		.is_writable = walk.verdict == PT_WRITABLE,
		.is_executable = walk.reason == PT_OK && !walk.nx,
	};
	return page;
}

/* A '-' of a file's name is a '_' of the module's. */
static bool is_same_module(const char *a, const char *b)
{
	for (; *a || *b; a++, b++)
		if (*a != *b && !(*a == '-' && *b == '_') && !(*a == '_' && *b == '-'))
			return false;
	return true;
}

bool addrspace_is_loaded(const struct addrspace *space, const char *name)
{
	for (size_t i = 0; i < space->exports->nr_modules; i++)
		if (is_same_module(space->exports->modules[i], name))
			return true;
	return false;
}

struct addrspace_needed *addrspace_needed_named(const struct addrspace *space,
						const char *name)
{
	for (size_t i = 0; i < space->nr_needed; i++)
		if (is_same_module(space->needed[i]->file->module_name, name))
			return space->needed[i];
	return NULL;
}

bool addrspace_has_module(const struct addrspace *space, const char *name)
{
	return addrspace_needed_named(space, name) || addrspace_is_loaded(space, name);
}

int addrspace_need(struct addrspace *space, struct kofile *file,
		   struct addrspace_needed **ret)
{
	static uint64_t serial;
	struct addrspace_needed *needed = calloc(1, sizeof(*needed));
	int r;

	if (!needed)
		return -ENOMEM;
	needed->file = file;
	needed->serial = ++serial;
	r = modimage_layout(&needed->mod, file, &space->section_rules);
	if (r < 0) {
		free(needed);
		return r;
	}
	r = nameindex_open(&needed->by_name, file->nr_symbols);
	if (r == 0)
		r = nameindex_open(&needed->exports, file->nr_symbols);
	if (r < 0) {
		addrspace_needed_close(needed);
		return r;
	}
	for (size_t i = file->nr_symbols; i-- > 0;) {
		const struct kofile_symbol *symbol = &file->symbols[i];
		const char *exported = exports_entry_name(symbol->name);

		if (symbol->section == SHN_UNDEF ||
		    symbol->section >= file->nr_sections || !*symbol->name)
			continue;
		if (exported) {
			nameindex_add(&needed->exports, i, exported);
			needed->nr_exports++;
		} else {
			nameindex_add(&needed->by_name, i, symbol->name);
		}
	}
	*ret = needed;
	return 0;
}

void addrspace_needed_close(struct addrspace_needed *needed)
{
	if (!needed)
		return;
	modimage_close(&needed->mod);
	types_close(&needed->types);
	nameindex_close(&needed->by_name);
	nameindex_close(&needed->exports);
	free(needed);
}

void addrspace_link(struct addrspace *space, struct addrspace_needed **needed,
		    const bool *is_optional, size_t nr)
{
	space->needed = needed;
	space->is_optional = is_optional;
	space->nr_needed = nr;
	space->nr_asked = 0;
	space->next_room = space->room + NEEDED_AT;
	space->asked_room = space->room + ADDRSPACE_ROOM_BYTES;
	for (size_t i = 0; i < nr; i++) {
		modimage_move(&needed[i]->mod, space->next_room, 0);
		space->next_room += needed[i]->mod.size_bytes + PAGE_BYTES;
	}
}

int addrspace_ask(struct addrspace *space, struct addrspace_needed *asked)
{
	uint64_t bytes = asked->mod.size_bytes + PAGE_BYTES;

	for (size_t i = 0; i < space->nr_asked; i++)
		if (space->asked[i] == asked)
			return 0;
	if (space->nr_asked == ADDRSPACE_MAX_ASKED ||
	    space->next_room > space->asked_room ||
	    bytes > space->asked_room - space->next_room)
		return -ENOSPC;
	space->asked_room -= bytes;
	modimage_move(&asked->mod, space->asked_room, 0);
	space->asked[space->nr_asked++] = asked;
	return 0;
}

bool addrspace_holds(const struct addrspace *space, uint64_t va)
{
	return (va >= space->room && va < space->next_room) ||
	       (va >= space->asked_room && va < space->room + ADDRSPACE_ROOM_BYTES);
}

/* The modules that are laid out beside the one in question. NULL: no more. */
static struct addrspace_needed *beside(const struct addrspace *space, size_t i)
{
	if (i < space->nr_needed)
		return space->needed[i];
	i -= space->nr_needed;
	return i < space->nr_asked ? space->asked[i] : NULL;
}

bool addrspace_is_optional(const struct addrspace *space, size_t i)
{
	return space->is_optional && space->is_optional[i];
}

/* One of its own. */
static const struct kofile_symbol *needed_symbol(const struct addrspace_needed *needed,
						 const char *name)
{
	const struct kofile *file = needed->file;
	size_t i;

	for (bool more = nameindex_first(&needed->by_name, name, &i); more;
	     more = nameindex_next(&needed->by_name, &i)) {
		const struct kofile_symbol *symbol = &file->symbols[i];

		if (strcmp(symbol->name, name) == 0)
			return symbol;
	}
	return NULL;
}

static bool is_exporting(const struct addrspace_needed *needed, const char *name)
{
	size_t i;

	for (bool more = nameindex_first(&needed->exports, name, &i); more;
	     more = nameindex_next(&needed->exports, &i))
		if (strcmp(exports_entry_name(needed->file->symbols[i].name), name) == 0)
			return true;
	return false;
}

/* @ret_nr: how many of the needed ones the answer rests on, as nr_relied has it. */
static struct addrspace_needed *search(const struct addrspace *space, const char *name,
				       uint64_t *ret, size_t *ret_nr)
{
	struct addrspace_needed *needed;

	for (size_t i = 0; (needed = beside(space, i)); i++) {
		const struct kofile_symbol *symbol;

		if (!is_exporting(needed, name))
			continue;
		symbol = needed_symbol(needed, name);
		if (!symbol)
			continue;
		*ret = needed->mod.sections[symbol->section].va + symbol->value;
		*ret_nr = i < space->nr_needed ? i + 1 : 0;
		return needed;
	}
	/* Another one behind them might export it. */
	*ret_nr = space->nr_needed + 1;
	return NULL;
}

static bool imports_from(const struct addrspace *space, const struct kofile *file,
			 size_t from)
{
	for (size_t i = 1; i < file->nr_symbols; i++) {
		if (file->symbols[i].section != SHN_UNDEF || !*file->symbols[i].name ||
		    exports_find(space->exports, file->symbols[i].name))
			continue;
		for (size_t j = from; j < space->nr_needed; j++)
			if (is_exporting(space->needed[j], file->symbols[i].name))
				return true;
	}
	return false;
}

bool addrspace_is_apart(const struct addrspace *space, size_t from)
{
	for (size_t i = 0; i < space->nr_asked; i++)
		if (imports_from(space, space->asked[i]->file, from))
			return false;
	return true;
}

static struct addrspace_needed *find_exporter(const struct addrspace *space,
					      const char *name, uint64_t *ret)
{
	size_t ignored;

	return search(space, name, ret, &ignored);
}

bool addrspace_is_exported(const struct addrspace *space, const char *name,
			   const struct exported **ret)
{
	uint64_t va;

	*ret = exports_find(space->exports, name);
	return *ret || find_exporter(space, name, &va);
}

const struct addrspace_needed *addrspace_exporter(const struct addrspace *space,
						  const char *name)
{
	uint64_t va;

	return find_exporter(space, name, &va);
}

int addrspace_resolve(void *ctx, const char *name, uint64_t *ret)
{
	struct addrspace *space = ctx;
	const struct exported *export = exports_find(space->exports, name);
	const struct addrspace_needed *needed;
	size_t nr;

	if (export) {
		*ret = export->address;
		return 0;
	}
	needed = search(space, name, ret, &nr);
	if (space->nr_relied < nr)
		space->nr_relied = nr;
	if (needed || symbols_address(&space->kernel->symbols, name, ret))
		return 0;
	return -ENOENT;
}

static struct types *types_of(struct addrspace_needed *needed, const struct types *kernel)
{
	const struct kofile_section *btf = kofile_section(needed->file, ".BTF");
	const struct kofile_section *base = kofile_section(needed->file, ".BTF.base");

	if (!needed->has_types && btf && btf->data)
		types_parse_module(&needed->types, kernel, btf->data, btf->size_bytes,
				   base ? base->data : NULL, base ? base->size_bytes : 0);
	needed->has_types = true;
	return &needed->types;
}

enum types_parameter addrspace_parameter(struct addrspace *space, const char *function,
					 unsigned index)
{
	struct types *types = &space->kernel->types;
	const struct exported *export = exports_find(space->exports, function);
	struct addrspace_needed *needed;
	uint64_t va;

	if (export && export->module)
		return space->prototypes
			       ? prototypes_parameter(space->prototypes, types,
						      export->module, function, index)
			       : TYPES_UNKNOWN;
	needed = export ? NULL : find_exporter(space, function, &va);
	if (needed)
		types = types_of(needed, types);
	return types_parameter(types, function, index);
}

static bool image_rights(const struct addrspace *space, const struct modimage *mod,
			 enum addrspace_owner owner, uint64_t va, enum module_phase phase,
			 struct addrspace_rights *ret)
{
	enum modsection_kind kind;

	if (!mod || !modimage_holds(mod, va))
		return false;
	kind = modimage_kind_at(mod, va);
	*ret = (struct addrspace_rights){
		.owner = owner,
		.kind = kind,
		.is_mapped = kind != MODSECTION_NONE,
		.is_writable = !space->seals_modules ||
			       modsection_is_writable(kind, phase),
		.is_executable = modsection_is_code(kind),
	};
	if (kind == MODSECTION_RO_AFTER_INIT)
		ret->source = mod->sections[modimage_section_at(mod, va)].source;
	return true;
}

/* May something be mapped there once the kernel has booted? Up to the modules' area, in
 * which there are none then, and not to per-CPU variables' templates.
 */
static bool is_mapped_later(const struct kernel *kernel, uint64_t va)
{
	return kernel->is_unbooted && va >= pt_kernel_half(kernel->pt.format.levels) &&
	       va < X86_MODULES_START && !kernel_is_per_cpu(kernel, va);
}

void addrspace_rights(struct addrspace *space, uint64_t va, enum module_phase phase,
		      struct addrspace_rights *ret)
{
	const struct addrspace_page *page;
	struct addrspace_needed *needed;

	if (image_rights(space, space->mod, ADDRSPACE_OWN, va, phase, ret))
		return;
	for (size_t i = 0; (needed = beside(space, i)); i++)
		if (image_rights(space, &needed->mod, ADDRSPACE_NEEDED, va,
				 MODULE_PHASE_LIVE, ret))
			return;
	page = page_of(space, va);
	space->lacks_place |= !page->is_mapped && is_mapped_later(space->kernel, va);
	*ret = (struct addrspace_rights){.owner = ADDRSPACE_KERNEL,
					 .is_mapped = page->is_mapped,
					 .is_writable = page->is_writable,
					 .is_executable = page->is_executable};
}

bool addrspace_is_sealed(struct addrspace *space, uint64_t va)
{
	struct addrspace_rights rights;

	addrspace_rights(space, va, MODULE_PHASE_INIT, &rights);
	return rights.is_mapped && !rights.is_writable;
}

bool addrspace_is_foreign_sealed(struct addrspace *space, uint64_t va)
{
	struct addrspace_rights rights;

	if (!(va >> 63))
		return false;
	addrspace_rights(space, va, MODULE_PHASE_INIT, &rights);
	return rights.is_mapped && !rights.is_writable && rights.owner != ADDRSPACE_OWN;
}

/* Of an image only constants are known, and they may share a page with what is not. */
static int read_unbooted(struct addrspace *space, uint64_t pa, void *buf,
			 size_t size_bytes)
{
	if (elfcore_read_pa(&space->kernel->core, pa, buf, size_bytes) == 0)
		return 0;
	/* Smaller than a pointer it tells nothing of where a store would go. */
	space->lacks_pointer |= size_bytes == sizeof(uint64_t);
	return -EFAULT;
}

int addrspace_read_sealed(struct addrspace *space, uint64_t va, void *buf,
			  size_t size_bytes)
{
	const struct addrspace_page *page;
	const struct addrspace_needed *needed;
	const unsigned char *bytes;
	int r;

	if (!(va >> 63) || va % PAGE_BYTES + size_bytes > PAGE_BYTES ||
	    !addrspace_is_sealed(space, va))
		return -EFAULT;
	if (space->mod && modimage_holds(space->mod, va))
		return modimage_read(space->mod, va, buf, size_bytes);
	for (size_t i = 0; (needed = beside(space, i)); i++)
		if (modimage_kind_at(&needed->mod, va) != MODSECTION_NONE)
			return -EFAULT; /* laid out, not loaded */
	page = page_of(space, va);
	r = pagecache_get(&space->kernel->cache, &space->kernel->core,
			  page->pa & ~(uint64_t)(PAGE_BYTES - 1), &bytes);
	if (r < 0 && space->kernel->is_unbooted)
		return read_unbooted(space, page->pa + va % PAGE_BYTES, buf, size_bytes);
	if (r < 0)
		return -EFAULT;
	memcpy(buf, bytes + va % PAGE_BYTES, size_bytes);
	return 0;
}

static const struct modimage *image_at(const struct addrspace *space, uint64_t va)
{
	const struct addrspace_needed *needed;

	if (space->mod && modimage_holds(space->mod, va))
		return space->mod;
	for (size_t i = 0; (needed = beside(space, i)); i++)
		if (modimage_holds(&needed->mod, va))
			return &needed->mod;
	return NULL;
}

static void name_in_image(const struct modimage *mod, uint64_t va,
			  struct addrspace_name *ret)
{
	const struct kofile_symbol *symbol;
	size_t section;

	section = modimage_section_at(mod, va);
	ret->module = mod->file->module_name;
	ret->region = modsection_name(modimage_kind_at(mod, va));
	symbol = modsym_at(mod, va, &ret->offset);
	if (symbol) {
		ret->symbol = symbol->name;
	} else if (section) {
		ret->symbol = mod->file->sections[section].name;
		ret->offset = va - mod->sections[section].va;
	}
}

void addrspace_name(struct addrspace *space, uint64_t va, struct addrspace_name *ret)
{
	const struct modimage *mod = image_at(space, va);
	const struct symbol *symbol;

	*ret = (struct addrspace_name){0};
	if (mod) {
		name_in_image(mod, va, ret);
		return;
	}
	ret->region = region_of(space->kernel, va)->name;
	symbol = symbols_at(&space->kernel->symbols, va);
	/* An address far above any symbol (the direct map) is nobody's. */
	if (!symbol || va - symbol->address >= 16 * 1024 * 1024)
		return;
	ret->symbol = symbol->name;
	ret->module = symbol->module;
	ret->offset = va - symbol->address;
}

bool addrspace_symbol_end(struct addrspace *space, uint64_t va, uint64_t *ret)
{
	const struct modimage *mod = image_at(space, va);

	if (!mod)
		return symbols_next_address(&space->kernel->symbols, va, ret);
	*ret = modsym_end(mod, va);
	return true;
}
