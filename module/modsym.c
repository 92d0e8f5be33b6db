/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of a module, by address and by name. */
#include "module/modsym.h"

#include <errno.h>
#include <string.h>

#include "module/relocate.h"

static bool starts_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Without the offset: the kernel's build relocates them by these names. With RANDSTRUCT
 * either may come first. Else init lies in its first half, and exit near its end.
 */
static bool is_entry(const struct modimage *mod, const Elf64_Rela *rela, bool is_exit,
		     uint64_t half, uint64_t *ret)
{
	const char *name = mod->file->symbols[ELF64_R_SYM(rela->r_info)].name;

	if (strcmp(name, "init_module") == 0 || strcmp(name, "cleanup_module") == 0)
		return (*name == 'c') == is_exit && relocate_target(mod, rela, ret);
	return (rela->r_offset >= half) == is_exit && relocate_target(mod, rela, ret) &&
	       modsection_is_code(modimage_kind_at(mod, *ret));
}

int modsym_entry(const struct modimage *mod, bool is_exit, uint32_t offset, uint64_t *ret)
{
	const char *name = is_exit ? "cleanup_module" : "init_module";
	const struct kofile *file = mod->file;
	const struct kofile_section *this_module = kofile_section(
		file, ".gnu.linkonce.this_module");

	for (size_t i = 0; this_module && i < this_module->nr_rela; i++) {
		Elf64_Rela rela;

		kofile_rela(this_module, i, &rela);
		if (offset && rela.r_offset == offset)
			return relocate_target(mod, &rela, ret) ? 0 : -ENOENT;
		if (!offset &&
		    is_entry(mod, &rela, is_exit, this_module->size_bytes / 2, ret))
			return 0;
	}
	if (offset)
		return -ENOENT;
	return modsym_find(mod, name, ret) ? 0 : -ENOENT;
}

bool modsym_find(const struct modimage *mod, const char *name, uint64_t *ret)
{
	const struct kofile *file = mod->file;

	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];
		bool is_placed = symbol->section != SHN_UNDEF &&
				 symbol->section < file->nr_sections;

		if ((!is_placed && symbol->section != SHN_ABS) ||
		    strcmp(symbol->name, name) != 0)
			continue;
		*ret = symbol->value +
		       (is_placed ? mod->sections[symbol->section].va : 0);
		return true;
	}
	return false;
}

const struct kofile_symbol *modsym_at(const struct modimage *mod, uint64_t va,
				      uint64_t *ret_offset)
{
	const struct kofile *file = mod->file;
	const struct kofile_symbol *best = NULL;
	size_t section = modimage_section_at(mod, va);
	uint64_t offset = va - mod->sections[section].va;

	if (!section)
		return NULL;
	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];

		if (symbol->section != section || symbol->value > offset ||
		    !*symbol->name ||
		    (symbol->type != STT_FUNC && symbol->type != STT_OBJECT &&
		     symbol->type != STT_NOTYPE) ||
		    starts_with(symbol->name, "__pfx_") ||
		    starts_with(symbol->name, "__cfi_"))
			continue;
		/* Of two at one address, the one with a type and a size says more. */
		if (!best || symbol->value > best->value ||
		    (symbol->value == best->value &&
		     (best->type == STT_NOTYPE ||
		      (best->bind != STB_LOCAL && symbol->bind == STB_LOCAL &&
		       symbol->type != STT_NOTYPE))))
			best = symbol;
	}
	if (best)
		*ret_offset = offset - best->value;
	return best;
}

uint64_t modsym_end(const struct modimage *mod, uint64_t va)
{
	const struct modimage_region *region = &mod->regions[modimage_kind_at(mod, va)];
	uint64_t end = region->va + region->size_bytes;

	/* Not by mod->symbols: a module that is only needed is not resolved. */
	for (size_t i = 1; i < mod->file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &mod->file->symbols[i];
		uint64_t at;

		if (symbol->section == SHN_UNDEF ||
		    symbol->section >= mod->file->nr_sections || !*symbol->name ||
		    mod->sections[symbol->section].kind == MODSECTION_NONE)
			continue;
		at = mod->sections[symbol->section].va + symbol->value;
		if (at > va && at < end)
			end = at;
	}
	return end;
}

/* Puts @va into the ascending @ret, unless it is there. Returns how many there are. */
static size_t insert(uint64_t va, size_t nr, size_t room, uint64_t ret[])
{
	size_t i = nr;

	while (i > 0 && ret[i - 1] > va)
		i--;
	if (nr == room || (i > 0 && ret[i - 1] == va))
		return nr;
	memmove(ret + i + 1, ret + i, (nr - i) * sizeof(*ret));
	ret[i] = va;
	return nr + 1;
}

/* What has been found of modsym_functions(), and where. */
struct functions {
	const struct modimage *mod;
	size_t nr, room;
	uint64_t *array;
};

static void collect(struct functions *functions, uint64_t va, unsigned depth)
{
	const struct modimage *mod = functions->mod;
	size_t number = modimage_section_at(mod, va);
	const struct kofile_section *section = &mod->file->sections[number];
	const struct kofile_symbol *symbol;
	uint64_t offset, target;
	Elf64_Rela rela;

	if (number && modsection_is_code(modimage_kind_at(mod, va))) {
		functions->nr = insert(va, functions->nr, functions->room,
				       functions->array);
		return;
	}
	symbol = number && depth ? modsym_at(mod, va, &offset) : NULL;
	if (!symbol || offset >= symbol->size_bytes)
		return;
	for (size_t i = 0; i < section->nr_rela; i++) {
		kofile_rela(section, i, &rela);
		if (ELF64_R_TYPE(rela.r_info) == R_X86_64_64 &&
		    rela.r_offset - symbol->value < symbol->size_bytes &&
		    relocate_target(mod, &rela, &target) && modimage_holds(mod, target))
			collect(functions, target, depth - 1);
	}
}

size_t modsym_functions(const struct modimage *mod, uint64_t va, size_t nr,
			uint64_t ret[])
{
	enum { DEPTH = 2 }; /* of a device its operations */
	struct functions functions = {.mod = mod, .room = nr, .array = ret};

	collect(&functions, va, DEPTH);
	return functions.nr;
}
