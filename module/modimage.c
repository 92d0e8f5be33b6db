/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module laid out and relocated as the kernel's loader would. */
#include "module/modimage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* include/linux/module.h */
static const uint64_t SHF_RO_AFTER_INIT = 0x00200000;
static const uint64_t SHF_KEPT = SHF_EXECINSTR | SHF_ALLOC | SHF_WRITE;

static const uint64_t MODIMAGE_PAGE = 4096;

/* arch/x86/include/asm/pgtable_64_types.h: MODULES_VADDR with CONFIG_RANDOMIZE_BASE, the
 * later of its two values; MODULES_END.
 */
static const uint64_t MODULES_START = 0xffffffffc0000000;
static const uint64_t MODULES_END = 0xffffffffff000000;

static const char *const kind_names[MODIMAGE_NR_KINDS] = {
	[MODIMAGE_NONE] = "not loaded",
	[MODIMAGE_TEXT] = "module text",
	[MODIMAGE_RODATA] = "module rodata",
	[MODIMAGE_RO_AFTER_INIT] = "module ro_after_init",
	[MODIMAGE_DATA] = "module data",
	[MODIMAGE_INIT_TEXT] = "module init text",
	[MODIMAGE_INIT_RODATA] = "module init rodata",
	[MODIMAGE_INIT_DATA] = "module init data",
	[MODIMAGE_PER_CPU] = "module per-CPU",
};

const char *modimage_kind_name(enum modimage_kind kind)
{
	return kind_names[kind];
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static bool starts_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Names that the loader itself knows. Without CONFIG_MODULE_UNLOAD .exit would be left
 * out; distributions have it.
 */
static enum modimage_kind kind_of(const struct kofile_section *section)
{
	uint64_t flags = section->flags & SHF_KEPT;
	bool is_init = starts_with(section->name, ".init");

	if (!(flags & SHF_ALLOC) || section->size_bytes == 0 ||
	    strcmp(section->name, ".modinfo") == 0 ||
	    strcmp(section->name, "__versions") == 0 ||
	    starts_with(section->name, "__version_ext_"))
		return MODIMAGE_NONE;
	if (strcmp(section->name, ".data..percpu") == 0)
		return MODIMAGE_PER_CPU;
	if (flags & SHF_EXECINSTR)
		return is_init ? MODIMAGE_INIT_TEXT : MODIMAGE_TEXT;
	if (!(flags & SHF_WRITE))
		return is_init ? MODIMAGE_INIT_RODATA : MODIMAGE_RODATA;
	/* The loader sets SHF_RO_AFTER_INIT by these names: 5.10 module.c:ro_after_init.
	 */
	if (!is_init && (strcmp(section->name, ".data..ro_after_init") == 0 ||
			 strcmp(section->name, "__jump_table") == 0 ||
			 section->flags & SHF_RO_AFTER_INIT))
		return MODIMAGE_RO_AFTER_INIT;
	return is_init ? MODIMAGE_INIT_DATA : MODIMAGE_DATA;
}

int modimage_layout(struct modimage *ret, const struct kofile *file)
{
	struct modimage mod = {.file = file, .per_cpu_align = 1};
	uint64_t at = 0;

	mod.sections = calloc(file->nr_sections, sizeof(*mod.sections));
	if (!mod.sections)
		return -ENOMEM;
	for (size_t i = 1; i < file->nr_sections; i++)
		mod.sections[i].kind = kind_of(&file->sections[i]);
	for (int kind = MODIMAGE_TEXT; kind < MODIMAGE_NR_KINDS; kind++) {
		uint64_t start = kind == MODIMAGE_PER_CPU ? 0 : at, end = start;

		for (size_t i = 1; i < file->nr_sections; i++) {
			const struct kofile_section *section = &file->sections[i];

			if (mod.sections[i].kind != (enum modimage_kind)kind)
				continue;
			if (section->align > MODULES_END - MODULES_START)
				goto too_big;
			mod.sections[i].va = align_up(end, section->align);
			end = mod.sections[i].va + section->size_bytes;
			if (end > MODULES_END - MODULES_START)
				goto too_big;
			if (kind == MODIMAGE_PER_CPU &&
			    section->align > mod.per_cpu_align)
				mod.per_cpu_align = section->align;
		}
		mod.regions[kind].va = start;
		mod.regions[kind].size_bytes = align_up(end, MODIMAGE_PAGE) - start;
		if (kind == MODIMAGE_PER_CPU)
			mod.per_cpu_bytes = end;
		else
			at = align_up(end, MODIMAGE_PAGE);
	}
	mod.size_bytes = at;
	*ret = mod;
	return 0;
too_big:
	modimage_close(&mod);
	return -EFBIG;
}

int modimage_find_room(struct kernel *kernel, uint64_t size_bytes, uint64_t from,
		       uint64_t *ret)
{
	uint64_t start = from ? from : MODULES_START, va = start;

	while (va < MODULES_END && va - start < size_bytes) {
		struct pt_walk walk;

		pt_walk(&kernel->pt, va, &walk);
		if (walk.reason != PT_NOT_PRESENT && walk.span == 0)
			return -ENOSPC;
		va = (va & ~(walk.span - 1)) + walk.span;
		/* A guard page behind what is there, as vmalloc has. */
		if (walk.reason != PT_NOT_PRESENT)
			start = va += MODIMAGE_PAGE;
	}
	if (start > MODULES_END || MODULES_END - start < size_bytes)
		return -ENOSPC;
	*ret = start;
	return 0;
}

void modimage_move(struct modimage *mod, uint64_t va, uint64_t per_cpu_va)
{
	uint64_t by = va - mod->va, per_cpu_by;

	per_cpu_by = per_cpu_va - mod->regions[MODIMAGE_PER_CPU].va;
	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		if (mod->sections[i].kind == MODIMAGE_PER_CPU)
			mod->sections[i].va += per_cpu_by;
		else if (mod->sections[i].kind != MODIMAGE_NONE)
			mod->sections[i].va += by;
	}
	for (int kind = MODIMAGE_TEXT; kind < MODIMAGE_NR_KINDS; kind++)
		mod->regions[kind].va += kind == MODIMAGE_PER_CPU ? per_cpu_by : by;
	mod->va = va;
}

static void add_problem(struct modimage *mod, struct modimage_problem problem)
{
	if (mod->nr_problems < MODIMAGE_MAX_PROBLEMS)
		mod->problems[mod->nr_problems] = problem;
	mod->nr_problems++;
}

/* kernel/module/main.c:simplify_symbols() */
int modimage_resolve(struct modimage *mod, modimage_resolve_fn resolve, void *ctx)
{
	const struct kofile *file = mod->file;

	mod->symbols = calloc(file->nr_symbols, sizeof(*mod->symbols));
	mod->is_resolved = calloc(file->nr_symbols, sizeof(*mod->is_resolved));
	if (!mod->symbols || !mod->is_resolved)
		return -ENOMEM;
	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];

		switch (symbol->section) {
		case SHN_ABS:
			mod->symbols[i] = symbol->value;
			mod->is_resolved[i] = true;
			break;
		case KOFILE_SHN_LIVEPATCH:
			break;
		case SHN_COMMON:
			if (!starts_with(symbol->name, "__gnu_lto"))
				add_problem(mod, (struct modimage_problem){
							 .kind = MODIMAGE_COMMON,
							 .symbol = symbol->name});
			break;
		case SHN_UNDEF:
			if (resolve(ctx, symbol->name, &mod->symbols[i]) == 0)
				mod->is_resolved[i] = true;
			else if (symbol->bind == STB_WEAK)
				mod->is_resolved[i] = true;
			else if (*symbol->name)
				add_problem(mod, (struct modimage_problem){
							 .kind = MODIMAGE_UNKNOWN_SYMBOL,
							 .symbol = symbol->name});
			break;
		default:
			mod->symbols[i] = mod->sections[symbol->section].va +
					  symbol->value;
			mod->is_resolved[i] = true;
		}
	}
	return 0;
}

int modimage_type_bytes(uint32_t type, bool *is_relative)
{
	*is_relative = type == R_X86_64_PC32 || type == R_X86_64_PLT32 ||
		       type == R_X86_64_PC64;
	switch (type) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	}
	return -ENOEXEC;
}

bool modimage_target(const struct modimage *mod, const Elf64_Rela *rela, uint64_t *ret)
{
	size_t symbol = ELF64_R_SYM(rela->r_info);

	if (!mod->is_resolved[symbol] && symbol != 0)
		return false;
	*ret = mod->symbols[symbol] + (uint64_t)rela->r_addend;
	return true;
}

static void add_relocation_problem(struct modimage *mod, enum modimage_problem_kind kind,
				   size_t section, const Elf64_Rela *rela)
{
	add_problem(mod,
		    (struct modimage_problem){
			    .kind = kind,
			    .section = section,
			    .offset = rela->r_offset,
			    .symbol = mod->file->symbols[ELF64_R_SYM(rela->r_info)].name,
			    .type = ELF64_R_TYPE(rela->r_info),
		    });
}

/* arch/x86/kernel/module.c:apply_relocate_add(). */
static void relocate(struct modimage *mod, size_t section, const Elf64_Rela *rela)
{
	struct modimage_section *target = &mod->sections[section];
	uint64_t size_bytes = mod->file->sections[section].size_bytes, value, was = 0;
	uint32_t type = ELF64_R_TYPE(rela->r_info);
	bool is_relative, fits = true;
	int n = modimage_type_bytes(type, &is_relative);
	unsigned char *at;

	if (n == 0)
		return;
	if (n < 0) {
		add_relocation_problem(mod, MODIMAGE_BAD_TYPE, section, rela);
		return;
	}
	if (size_bytes < (uint64_t)n || rela->r_offset > size_bytes - (uint64_t)n) {
		add_relocation_problem(mod, MODIMAGE_BAD_PLACE, section, rela);
		return;
	}
	if (!modimage_target(mod, rela, &value)) /* its symbol is a problem already */
		return;
	if (is_relative)
		value -= target->va + rela->r_offset;
	if (type == R_X86_64_32)
		fits = value == (uint32_t)value;
	else if (type == R_X86_64_32S)
		fits = (int64_t)value == (int32_t)value;
	at = target->image + rela->r_offset;
	if (n == 4)
		memcpy(&was, at, 4);
	else
		memcpy(&was, at, 8);
	if (!fits || was) {
		add_relocation_problem(mod, fits ? MODIMAGE_NOT_ZERO : MODIMAGE_OVERFLOW,
				       section, rela);
		return;
	}
	if (n == 4)
		memcpy(at, &value, 4);
	else
		memcpy(at, &value, 8);
}

static int copy_sections(struct modimage *mod)
{
	const struct kofile *file = mod->file;

	for (int kind = MODIMAGE_TEXT; kind < MODIMAGE_NR_KINDS; kind++) {
		struct modimage_region *region = &mod->regions[kind];

		region->image = calloc(1, region->size_bytes + MODIMAGE_SLACK_BYTES);
		if (!region->image)
			return -ENOMEM;
	}
	for (size_t i = 1; i < file->nr_sections; i++) {
		struct modimage_section *section = &mod->sections[i];
		struct modimage_region *region = &mod->regions[section->kind];

		if (section->kind == MODIMAGE_NONE)
			continue;
		section->image = region->image + (section->va - region->va);
		if (file->sections[i].data)
			memcpy(section->image, file->sections[i].data,
			       file->sections[i].size_bytes);
	}
	return 0;
}

int modimage_load(struct modimage *mod)
{
	const struct kofile *file = mod->file;
	int r = copy_sections(mod);

	if (r < 0)
		return r;
	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];

		/* The loader relocates only what it loads. */
		if (mod->sections[i].kind == MODIMAGE_NONE)
			continue;
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;

			kofile_rela(section, j, &rela);
			relocate(mod, i, &rela);
		}
	}
	return 0;
}

void modimage_close(struct modimage *mod)
{
	for (int kind = 0; kind < MODIMAGE_NR_KINDS; kind++)
		free(mod->regions[kind].image);
	free(mod->sections);
	free(mod->symbols);
	free(mod->is_resolved);
	memset(mod, 0, sizeof(*mod));
}

bool modimage_holds(const struct modimage *mod, uint64_t va)
{
	return va - mod->va < mod->size_bytes;
}

bool modimage_is_code(enum modimage_kind kind)
{
	return kind == MODIMAGE_TEXT || kind == MODIMAGE_INIT_TEXT;
}

size_t modimage_section_at(const struct modimage *mod, uint64_t va)
{
	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		const struct modimage_section *section = &mod->sections[i];

		if (section->kind != MODIMAGE_NONE && section->kind != MODIMAGE_PER_CPU &&
		    va >= section->va &&
		    va - section->va < mod->file->sections[i].size_bytes)
			return i;
	}
	return 0;
}

enum modimage_kind modimage_kind_at(const struct modimage *mod, uint64_t va)
{
	for (int kind = MODIMAGE_TEXT; kind < MODIMAGE_PER_CPU; kind++)
		if (va >= mod->regions[kind].va &&
		    va - mod->regions[kind].va < mod->regions[kind].size_bytes)
			return kind;
	return MODIMAGE_NONE;
}

bool modimage_is_writable(enum modimage_kind kind, enum module_phase phase)
{
	switch (kind) {
	case MODIMAGE_DATA:
	case MODIMAGE_PER_CPU:
		return true;
	case MODIMAGE_RO_AFTER_INIT:
	case MODIMAGE_INIT_DATA:
		return phase == MODULE_PHASE_INIT;
	default:
		return false;
	}
}

int modimage_read(const struct modimage *mod, uint64_t va, void *buf, size_t size_bytes)
{
	const struct modimage_region *region = &mod->regions[modimage_kind_at(mod, va)];

	if (!region->image || size_bytes > region->size_bytes ||
	    va - region->va > region->size_bytes - size_bytes)
		return -EFAULT;
	memcpy(buf, region->image + (va - region->va), size_bytes);
	return 0;
}

/* What struct module is told of code: init lies in its first half, exit near its end. */
static bool is_entry(const struct modimage *mod, const Elf64_Rela *rela, bool is_exit,
		     uint64_t half, uint64_t *ret)
{
	return (rela->r_offset >= half) == is_exit && modimage_target(mod, rela, ret) &&
	       modimage_is_code(modimage_kind_at(mod, *ret));
}

int modimage_entry(const struct modimage *mod, bool is_exit, uint32_t offset,
		   uint64_t *ret)
{
	const char *name = is_exit ? "cleanup_module" : "init_module";
	const struct kofile *file = mod->file;
	const struct kofile_section *this_module = kofile_section(
		file, ".gnu.linkonce.this_module");

	for (size_t i = 0; this_module && i < this_module->nr_rela; i++) {
		Elf64_Rela rela;

		kofile_rela(this_module, i, &rela);
		if (offset && rela.r_offset == offset)
			return modimage_target(mod, &rela, ret) ? 0 : -ENOENT;
		if (!offset &&
		    is_entry(mod, &rela, is_exit, this_module->size_bytes / 2, ret))
			return 0;
	}
	if (offset)
		return -ENOENT;
	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].section != SHN_UNDEF && mod->is_resolved[i] &&
		    strcmp(file->symbols[i].name, name) == 0) {
			*ret = mod->symbols[i];
			return 0;
		}
	return -ENOENT;
}

const struct kofile_symbol *modimage_symbol_at(const struct modimage *mod, uint64_t va,
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

uint64_t modimage_symbol_end(const struct modimage *mod, uint64_t va)
{
	const struct modimage_region *region = &mod->regions[modimage_kind_at(mod, va)];
	uint64_t end = region->va + region->size_bytes;

	for (size_t i = 1; i < mod->file->nr_symbols; i++)
		if (mod->is_resolved[i] && *mod->file->symbols[i].name &&
		    mod->symbols[i] > va && mod->symbols[i] < end)
			end = mod->symbols[i];
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

/* What has been found of modimage_functions(), and where. */
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

	if (number && modimage_is_code(modimage_kind_at(mod, va))) {
		functions->nr = insert(va, functions->nr, functions->room,
				       functions->array);
		return;
	}
	symbol = number && depth ? modimage_symbol_at(mod, va, &offset) : NULL;
	if (!symbol || offset >= symbol->size_bytes)
		return;
	for (size_t i = 0; i < section->nr_rela; i++) {
		kofile_rela(section, i, &rela);
		if (ELF64_R_TYPE(rela.r_info) == R_X86_64_64 &&
		    rela.r_offset - symbol->value < symbol->size_bytes &&
		    modimage_target(mod, &rela, &target) && modimage_holds(mod, target))
			collect(functions, target, depth - 1);
	}
}

size_t modimage_functions(const struct modimage *mod, uint64_t va, size_t nr,
			  uint64_t ret[])
{
	enum { DEPTH = 2 }; /* of a device its operations */
	struct functions functions = {.mod = mod, .room = nr, .array = ret};

	collect(&functions, va, DEPTH);
	return functions.nr;
}
