/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses a module's code would meet. */
#include "module/addrspace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/region.h"

/* Needed modules are put this far above the module in question, which so has room for
 * the largest module there is.
 */
static const uint64_t NEEDED_AT = 64 * 1024 * 1024;

enum { NR_PAGES_BITS = 13, NR_PAGES = 1 << NR_PAGES_BITS };

/* A module exports a name by a symbol that is called so. */
static const char ksymtab[] = "__ksymtab_";
enum { KSYMTAB_BYTES = sizeof(ksymtab) - 1 };

struct space_page {
	uint64_t va; /* page-aligned; 0: free */
	uint64_t pa;
	bool is_mapped, is_writable, is_executable;
};

int space_open(struct space *ret, struct kernel *kernel, const struct exports *exports)
{
	struct space space = {.kernel = kernel, .exports = exports};
	uint8_t is_enabled = 0;
	int r;

	r = forms_open(&space.forms);
	if (r < 0)
		return r;
	space.pages = calloc(NR_PAGES, sizeof(*space.pages));
	if (!space.pages) {
		space_close(&space);
		return -ENOMEM;
	}
	/* A kernel without CONFIG_STRICT_MODULE_RWX, or with rodata=off, leaves modules
	 * writable. module_enable_ro() asks this variable: init/main.c.
	 */
	kernel_read_variable(kernel, "rodata_enabled", &is_enabled, sizeof(is_enabled));
	space.seals_modules = is_enabled;
	r = place_find_room(kernel, 2 * NEEDED_AT, 0, &space.room);
	if (r < 0) {
		space_close(&space);
		return r;
	}
	space.next_room = space.room + NEEDED_AT;
	landmarks_find(&space.landmarks, kernel);
	policy_read(&space.policy, kernel);
	*ret = space;
	return 0;
}

void space_close(struct space *space)
{
	free(space->pages);
	forms_close(&space->forms);
	memset(space, 0, sizeof(*space));
}

static const struct space_page *page_of(struct space *space, uint64_t va)
{
	uint64_t start = va & ~(uint64_t)(PAGE_BYTES - 1);
	/* Bases are alike in all but their high bits. */
	struct space_page *page = &space->pages[start / PAGE_BYTES * 0x9e3779b97f4a7c15 >>
						(64 - NR_PAGES_BITS)];
	struct pt_walk walk;

	if (page->va == start && start)
		return page;
	pt_walk(&space->kernel->pt, start, &walk);
	*page = (struct space_page){
		.va = start,
		.pa = walk.pa,
		.is_mapped = walk.reason == PT_OK,
		.is_writable = walk.verdict == PT_WRITABLE,
		.is_executable = walk.reason == PT_OK && !walk.nx,
	};
	return page;
}

void space_restart(struct space *space)
{
	space->nr_needed = 0;
	space->next_room = space->room + NEEDED_AT;
}

/* A '-' of a file's name is a '_' of the module's. */
static bool is_same_module(const char *a, const char *b)
{
	for (; *a || *b; a++, b++)
		if (*a != *b && !(*a == '-' && *b == '_') && !(*a == '_' && *b == '-'))
			return false;
	return true;
}

bool space_is_loaded(const struct space *space, const char *name)
{
	for (size_t i = 0; i < space->exports->nr_modules; i++)
		if (is_same_module(space->exports->modules[i], name))
			return true;
	return false;
}

bool space_has_module(const struct space *space, const char *name)
{
	for (size_t i = 0; i < space->nr_needed; i++)
		if (is_same_module(space->needed[i]->file->module_name, name))
			return true;
	return space_is_loaded(space, name);
}

int space_need(struct space *space, struct file *file, struct space_needed **ret)
{
	struct space_needed *needed = calloc(1, sizeof(*needed));
	int r;

	if (!needed)
		return -ENOMEM;
	needed->file = file;
	r = place_layout(&needed->place, file);
	if (r < 0) {
		free(needed);
		return r;
	}
	place_move(&needed->place, space->next_room, 0);
	space->next_room += needed->place.size_bytes + PAGE_BYTES;
	r = nameindex_open(&needed->by_name, file->nr_symbols);
	if (r == 0)
		r = nameindex_open(&needed->exports, file->nr_symbols);
	if (r < 0) {
		space_needed_close(needed);
		return r;
	}
	for (size_t i = file->nr_symbols; i-- > 0;) {
		const struct file_symbol *symbol = &file->symbols[i];

		if (symbol->section == SHN_UNDEF ||
		    symbol->section >= file->nr_sections || !*symbol->name)
			continue;
		if (strncmp(symbol->name, ksymtab, KSYMTAB_BYTES) == 0)
			nameindex_add(&needed->exports, i, symbol->name + KSYMTAB_BYTES);
		else
			nameindex_add(&needed->by_name, i, symbol->name);
	}
	*ret = needed;
	return 0;
}

void space_needed_close(struct space_needed *needed)
{
	if (!needed)
		return;
	place_close(&needed->place);
	types_close(&needed->types);
	nameindex_close(&needed->by_name);
	nameindex_close(&needed->exports);
	free(needed);
}

/* One of its own. */
static const struct file_symbol *needed_symbol(const struct space_needed *needed,
					       const char *name)
{
	const struct file *file = needed->file;
	size_t i;

	for (bool more = nameindex_first(&needed->by_name, name, &i); more;
	     more = nameindex_next(&needed->by_name, &i)) {
		const struct file_symbol *symbol = &file->symbols[i];

		if (strcmp(symbol->name, name) == 0)
			return symbol;
	}
	return NULL;
}

static bool is_exporting(const struct space_needed *needed, const char *name)
{
	size_t i;

	for (bool more = nameindex_first(&needed->exports, name, &i); more;
	     more = nameindex_next(&needed->exports, &i))
		if (strcmp(needed->file->symbols[i].name + KSYMTAB_BYTES, name) == 0)
			return true;
	return false;
}

static struct space_needed *find_exporter(const struct space *space, const char *name,
					  uint64_t *ret)
{
	for (size_t i = 0; i < space->nr_needed; i++) {
		struct space_needed *needed = space->needed[i];
		const struct file_symbol *symbol;

		if (!is_exporting(needed, name))
			continue;
		symbol = needed_symbol(needed, name);
		if (!symbol)
			continue;
		*ret = needed->place.sections[symbol->section].va + symbol->value;
		return needed;
	}
	return NULL;
}

bool space_is_exported(const struct space *space, const char *name,
		       const struct export **ret)
{
	uint64_t va;

	*ret = exports_find(space->exports, name);
	return *ret || find_exporter(space, name, &va);
}

int space_resolve(void *ctx, const char *name, uint64_t *ret)
{
	struct space *space = ctx;
	const struct export *export = exports_find(space->exports, name);

	if (export) {
		*ret = export->address;
		return 0;
	}
	if (find_exporter(space, name, ret) ||
	    symbols_address(&space->kernel->symbols, name, ret))
		return 0;
	return -ENOENT;
}

static struct types *types_of(struct space_needed *needed, const struct types *kernel)
{
	const struct file_section *btf = file_section(needed->file, ".BTF");
	const struct file_section *base = file_section(needed->file, ".BTF.base");

	if (!needed->has_types && btf && btf->data)
		types_parse_module(&needed->types, kernel, btf->data, btf->size_bytes,
				   base ? base->data : NULL, base ? base->size_bytes : 0);
	needed->has_types = true;
	return &needed->types;
}

enum types_parameter space_parameter(struct space *space, const char *function,
				     unsigned index)
{
	struct types *types = &space->kernel->types;
	const struct export *export = exports_find(space->exports, function);
	struct space_needed *needed;
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

static bool placed_rights(const struct space *space, const struct place *place,
			  enum space_owner owner, uint64_t va, enum place_phase phase,
			  struct space_rights *ret)
{
	enum place_kind kind;

	if (!place || !place_holds(place, va))
		return false;
	kind = place_kind_at(place, va);
	*ret = (struct space_rights){
		.owner = owner,
		.kind = kind,
		.is_mapped = kind != PLACE_NONE,
		.is_writable = !space->seals_modules || place_is_writable(kind, phase),
		.is_executable = place_is_code(kind),
	};
	return true;
}

void space_rights(struct space *space, uint64_t va, enum place_phase phase,
		  struct space_rights *ret)
{
	const struct space_page *page;

	if (placed_rights(space, space->place, SPACE_OWN, va, phase, ret))
		return;
	for (size_t i = 0; i < space->nr_needed; i++)
		if (placed_rights(space, &space->needed[i]->place, SPACE_NEEDED, va,
				  PLACE_PHASE_LIVE, ret))
			return;
	page = page_of(space, va);
	*ret = (struct space_rights){.owner = SPACE_KERNEL,
				     .is_mapped = page->is_mapped,
				     .is_writable = page->is_writable,
				     .is_executable = page->is_executable};
}

bool space_is_sealed(struct space *space, uint64_t va)
{
	struct space_rights rights;

	space_rights(space, va, PLACE_PHASE_INIT, &rights);
	return rights.is_mapped && !rights.is_writable;
}

bool space_is_foreign_sealed(struct space *space, uint64_t va)
{
	struct space_rights rights;

	if (!(va >> 63))
		return false;
	space_rights(space, va, PLACE_PHASE_INIT, &rights);
	return rights.is_mapped && !rights.is_writable && rights.owner != SPACE_OWN;
}

int space_read_sealed(struct space *space, uint64_t va, void *buf, size_t size_bytes)
{
	const struct space_page *page;
	const unsigned char *bytes;
	int r;

	if (!(va >> 63) || va % PAGE_BYTES + size_bytes > PAGE_BYTES ||
	    !space_is_sealed(space, va))
		return -EFAULT;
	if (space->place && place_holds(space->place, va))
		return place_read(space->place, va, buf, size_bytes);
	for (size_t i = 0; i < space->nr_needed; i++)
		if (place_kind_at(&space->needed[i]->place, va) != PLACE_NONE)
			return -EFAULT; /* laid out, not loaded */
	page = page_of(space, va);
	r = pagecache_get(&space->kernel->cache, &space->kernel->core,
			  page->pa & ~(uint64_t)(PAGE_BYTES - 1), &bytes);
	if (r < 0)
		return -EFAULT;
	memcpy(buf, bytes + va % PAGE_BYTES, size_bytes);
	return 0;
}

static const struct place *place_of(const struct space *space, uint64_t va)
{
	if (space->place && place_holds(space->place, va))
		return space->place;
	for (size_t i = 0; i < space->nr_needed; i++)
		if (place_holds(&space->needed[i]->place, va))
			return &space->needed[i]->place;
	return NULL;
}

static void name_placed(const struct place *place, uint64_t va, struct space_name *ret)
{
	const struct file_symbol *symbol;
	size_t section;

	section = place_section_at(place, va);
	ret->module = place->file->module_name;
	ret->region = place_kind_name(place_kind_at(place, va));
	symbol = place_symbol_at(place, va, &ret->offset);
	if (symbol) {
		ret->symbol = symbol->name;
	} else if (section) {
		ret->symbol = place->file->sections[section].name;
		ret->offset = va - place->sections[section].va;
	}
}

void space_name(struct space *space, uint64_t va, struct space_name *ret)
{
	const struct place *place = place_of(space, va);
	const struct symbol *symbol;

	*ret = (struct space_name){0};
	if (place) {
		name_placed(place, va, ret);
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

bool space_symbol_end(struct space *space, uint64_t va, uint64_t *ret)
{
	const struct place *place = place_of(space, va);

	if (!place)
		return symbols_next_address(&space->kernel->symbols, va, ret);
	*ret = place_symbol_end(place, va);
	return true;
}
