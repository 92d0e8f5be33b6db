/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module laid out and relocated as the kernel's loader would. */
#include "module/modimage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* include/linux/module.h */
static const uint64_t SHF_RO_AFTER_INIT = 0x00200000;
static const uint64_t SHF_KEPT = SHF_EXECINSTR | SHF_ALLOC | SHF_WRITE;

static const uint64_t PLACE_PAGE = 4096;

/* arch/x86/include/asm/pgtable_64_types.h: MODULES_VADDR with CONFIG_RANDOMIZE_BASE, the
 * later of its two values; MODULES_END.
 */
static const uint64_t MODULES_START = 0xffffffffc0000000;
static const uint64_t MODULES_END = 0xffffffffff000000;

static const char *const kind_names[PLACE_NR_KINDS] = {
	[PLACE_NONE] = "not loaded",
	[PLACE_TEXT] = "module text",
	[PLACE_RODATA] = "module rodata",
	[PLACE_RO_AFTER_INIT] = "module ro_after_init",
	[PLACE_DATA] = "module data",
	[PLACE_INIT_TEXT] = "module init text",
	[PLACE_INIT_RODATA] = "module init rodata",
	[PLACE_INIT_DATA] = "module init data",
	[PLACE_PER_CPU] = "module per-CPU",
};

const char *place_kind_name(enum place_kind kind)
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
static enum place_kind kind_of(const struct file_section *section)
{
	uint64_t flags = section->flags & SHF_KEPT;
	bool is_init = starts_with(section->name, ".init");

	if (!(flags & SHF_ALLOC) || section->size_bytes == 0 ||
	    strcmp(section->name, ".modinfo") == 0 ||
	    strcmp(section->name, "__versions") == 0 ||
	    starts_with(section->name, "__version_ext_"))
		return PLACE_NONE;
	if (strcmp(section->name, ".data..percpu") == 0)
		return PLACE_PER_CPU;
	if (flags & SHF_EXECINSTR)
		return is_init ? PLACE_INIT_TEXT : PLACE_TEXT;
	if (!(flags & SHF_WRITE))
		return is_init ? PLACE_INIT_RODATA : PLACE_RODATA;
	/* The loader sets SHF_RO_AFTER_INIT by these names: 5.10 module.c:ro_after_init.
	 */
	if (!is_init && (strcmp(section->name, ".data..ro_after_init") == 0 ||
			 strcmp(section->name, "__jump_table") == 0 ||
			 section->flags & SHF_RO_AFTER_INIT))
		return PLACE_RO_AFTER_INIT;
	return is_init ? PLACE_INIT_DATA : PLACE_DATA;
}

int place_layout(struct place *ret, const struct file *file)
{
	struct place place = {.file = file, .per_cpu_align = 1};
	uint64_t at = 0;

	place.sections = calloc(file->nr_sections, sizeof(*place.sections));
	if (!place.sections)
		return -ENOMEM;
	for (size_t i = 1; i < file->nr_sections; i++)
		place.sections[i].kind = kind_of(&file->sections[i]);
	for (int kind = PLACE_TEXT; kind < PLACE_NR_KINDS; kind++) {
		uint64_t start = kind == PLACE_PER_CPU ? 0 : at, end = start;

		for (size_t i = 1; i < file->nr_sections; i++) {
			const struct file_section *section = &file->sections[i];

			if (place.sections[i].kind != (enum place_kind)kind)
				continue;
			if (section->align > MODULES_END - MODULES_START)
				goto too_big;
			place.sections[i].va = align_up(end, section->align);
			end = place.sections[i].va + section->size_bytes;
			if (end > MODULES_END - MODULES_START)
				goto too_big;
			if (kind == PLACE_PER_CPU && section->align > place.per_cpu_align)
				place.per_cpu_align = section->align;
		}
		place.regions[kind].va = start;
		place.regions[kind].size_bytes = align_up(end, PLACE_PAGE) - start;
		if (kind == PLACE_PER_CPU)
			place.per_cpu_bytes = end;
		else
			at = align_up(end, PLACE_PAGE);
	}
	place.size_bytes = at;
	*ret = place;
	return 0;
too_big:
	place_close(&place);
	return -EFBIG;
}

int place_find_room(struct kernel *kernel, uint64_t size_bytes, uint64_t from,
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
			start = va += PLACE_PAGE;
	}
	if (start > MODULES_END || MODULES_END - start < size_bytes)
		return -ENOSPC;
	*ret = start;
	return 0;
}

void place_move(struct place *place, uint64_t va, uint64_t per_cpu_va)
{
	uint64_t by = va - place->va, per_cpu_by;

	per_cpu_by = per_cpu_va - place->regions[PLACE_PER_CPU].va;
	for (size_t i = 1; i < place->file->nr_sections; i++) {
		if (place->sections[i].kind == PLACE_PER_CPU)
			place->sections[i].va += per_cpu_by;
		else if (place->sections[i].kind != PLACE_NONE)
			place->sections[i].va += by;
	}
	for (int kind = PLACE_TEXT; kind < PLACE_NR_KINDS; kind++)
		place->regions[kind].va += kind == PLACE_PER_CPU ? per_cpu_by : by;
	place->va = va;
}

static void add_problem(struct place *place, struct place_problem problem)
{
	if (place->nr_problems < PLACE_MAX_PROBLEMS)
		place->problems[place->nr_problems] = problem;
	place->nr_problems++;
}

/* kernel/module/main.c:simplify_symbols() */
int place_resolve(struct place *place, place_resolve_fn resolve, void *ctx)
{
	const struct file *file = place->file;

	place->symbols = calloc(file->nr_symbols, sizeof(*place->symbols));
	place->is_resolved = calloc(file->nr_symbols, sizeof(*place->is_resolved));
	if (!place->symbols || !place->is_resolved)
		return -ENOMEM;
	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct file_symbol *symbol = &file->symbols[i];

		switch (symbol->section) {
		case SHN_ABS:
			place->symbols[i] = symbol->value;
			place->is_resolved[i] = true;
			break;
		case FILE_SHN_LIVEPATCH:
			break;
		case SHN_COMMON:
			if (!starts_with(symbol->name, "__gnu_lto"))
				add_problem(place, (struct place_problem){
							   .kind = PLACE_COMMON,
							   .symbol = symbol->name});
			break;
		case SHN_UNDEF:
			if (resolve(ctx, symbol->name, &place->symbols[i]) == 0)
				place->is_resolved[i] = true;
			else if (symbol->bind == STB_WEAK)
				place->is_resolved[i] = true;
			else if (*symbol->name)
				add_problem(place, (struct place_problem){
							   .kind = PLACE_UNKNOWN_SYMBOL,
							   .symbol = symbol->name});
			break;
		default:
			place->symbols[i] = place->sections[symbol->section].va +
					    symbol->value;
			place->is_resolved[i] = true;
		}
	}
	return 0;
}

int place_type_bytes(uint32_t type, bool *is_relative)
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

bool place_target(const struct place *place, const Elf64_Rela *rela, uint64_t *ret)
{
	size_t symbol = ELF64_R_SYM(rela->r_info);

	if (!place->is_resolved[symbol] && symbol != 0)
		return false;
	*ret = place->symbols[symbol] + (uint64_t)rela->r_addend;
	return true;
}

static void add_relocation_problem(struct place *place, enum place_problem_kind kind,
				   size_t section, const Elf64_Rela *rela)
{
	add_problem(
		place,
		(struct place_problem){
			.kind = kind,
			.section = section,
			.offset = rela->r_offset,
			.symbol = place->file->symbols[ELF64_R_SYM(rela->r_info)].name,
			.type = ELF64_R_TYPE(rela->r_info),
		});
}

/* arch/x86/kernel/module.c:apply_relocate_add(). */
static void relocate(struct place *place, size_t section, const Elf64_Rela *rela)
{
	struct place_section *target = &place->sections[section];
	uint64_t size_bytes = place->file->sections[section].size_bytes, value, was = 0;
	uint32_t type = ELF64_R_TYPE(rela->r_info);
	bool is_relative, fits = true;
	int n = place_type_bytes(type, &is_relative);
	unsigned char *at;

	if (n == 0)
		return;
	if (n < 0) {
		add_relocation_problem(place, PLACE_BAD_TYPE, section, rela);
		return;
	}
	if (size_bytes < (uint64_t)n || rela->r_offset > size_bytes - (uint64_t)n) {
		add_relocation_problem(place, PLACE_BAD_PLACE, section, rela);
		return;
	}
	if (!place_target(place, rela, &value)) /* its symbol is a problem already */
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
		add_relocation_problem(place, fits ? PLACE_NOT_ZERO : PLACE_OVERFLOW,
				       section, rela);
		return;
	}
	if (n == 4)
		memcpy(at, &value, 4);
	else
		memcpy(at, &value, 8);
}

static int copy_sections(struct place *place)
{
	const struct file *file = place->file;

	for (int kind = PLACE_TEXT; kind < PLACE_NR_KINDS; kind++) {
		struct place_region *region = &place->regions[kind];

		region->image = calloc(1, region->size_bytes + PLACE_SLACK_BYTES);
		if (!region->image)
			return -ENOMEM;
	}
	for (size_t i = 1; i < file->nr_sections; i++) {
		struct place_section *section = &place->sections[i];
		struct place_region *region = &place->regions[section->kind];

		if (section->kind == PLACE_NONE)
			continue;
		section->image = region->image + (section->va - region->va);
		if (file->sections[i].data)
			memcpy(section->image, file->sections[i].data,
			       file->sections[i].size_bytes);
	}
	return 0;
}

int place_load(struct place *place)
{
	const struct file *file = place->file;
	int r = copy_sections(place);

	if (r < 0)
		return r;
	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct file_section *section = &file->sections[i];

		/* The loader relocates only what it loads. */
		if (place->sections[i].kind == PLACE_NONE)
			continue;
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;

			file_rela(section, j, &rela);
			relocate(place, i, &rela);
		}
	}
	return 0;
}

void place_close(struct place *place)
{
	for (int kind = 0; kind < PLACE_NR_KINDS; kind++)
		free(place->regions[kind].image);
	free(place->sections);
	free(place->symbols);
	free(place->is_resolved);
	memset(place, 0, sizeof(*place));
}

bool place_holds(const struct place *place, uint64_t va)
{
	return va - place->va < place->size_bytes;
}

bool place_is_code(enum place_kind kind)
{
	return kind == PLACE_TEXT || kind == PLACE_INIT_TEXT;
}

size_t place_section_at(const struct place *place, uint64_t va)
{
	for (size_t i = 1; i < place->file->nr_sections; i++) {
		const struct place_section *section = &place->sections[i];

		if (section->kind != PLACE_NONE && section->kind != PLACE_PER_CPU &&
		    va >= section->va &&
		    va - section->va < place->file->sections[i].size_bytes)
			return i;
	}
	return 0;
}

enum place_kind place_kind_at(const struct place *place, uint64_t va)
{
	for (int kind = PLACE_TEXT; kind < PLACE_PER_CPU; kind++)
		if (va >= place->regions[kind].va &&
		    va - place->regions[kind].va < place->regions[kind].size_bytes)
			return kind;
	return PLACE_NONE;
}

bool place_is_writable(enum place_kind kind, enum place_phase phase)
{
	switch (kind) {
	case PLACE_DATA:
	case PLACE_PER_CPU:
		return true;
	case PLACE_RO_AFTER_INIT:
	case PLACE_INIT_DATA:
		return phase == PLACE_PHASE_INIT;
	default:
		return false;
	}
}

int place_read(const struct place *place, uint64_t va, void *buf, size_t size_bytes)
{
	const struct place_region *region = &place->regions[place_kind_at(place, va)];

	if (!region->image || size_bytes > region->size_bytes ||
	    va - region->va > region->size_bytes - size_bytes)
		return -EFAULT;
	memcpy(buf, region->image + (va - region->va), size_bytes);
	return 0;
}

/* What struct module is told of code: init lies in its first half, exit near its end. */
static bool is_entry(const struct place *place, const Elf64_Rela *rela, bool is_exit,
		     uint64_t half, uint64_t *ret)
{
	return (rela->r_offset >= half) == is_exit && place_target(place, rela, ret) &&
	       place_is_code(place_kind_at(place, *ret));
}

int place_entry(const struct place *place, bool is_exit, uint32_t offset, uint64_t *ret)
{
	const char *name = is_exit ? "cleanup_module" : "init_module";
	const struct file *file = place->file;
	const struct file_section *this_module = file_section(
		file, ".gnu.linkonce.this_module");

	for (size_t i = 0; this_module && i < this_module->nr_rela; i++) {
		Elf64_Rela rela;

		file_rela(this_module, i, &rela);
		if (offset && rela.r_offset == offset)
			return place_target(place, &rela, ret) ? 0 : -ENOENT;
		if (!offset &&
		    is_entry(place, &rela, is_exit, this_module->size_bytes / 2, ret))
			return 0;
	}
	if (offset)
		return -ENOENT;
	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].section != SHN_UNDEF && place->is_resolved[i] &&
		    strcmp(file->symbols[i].name, name) == 0) {
			*ret = place->symbols[i];
			return 0;
		}
	return -ENOENT;
}

const struct file_symbol *place_symbol_at(const struct place *place, uint64_t va,
					  uint64_t *ret_offset)
{
	const struct file *file = place->file;
	const struct file_symbol *best = NULL;
	size_t section = place_section_at(place, va);
	uint64_t offset = va - place->sections[section].va;

	if (!section)
		return NULL;
	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct file_symbol *symbol = &file->symbols[i];

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

uint64_t place_symbol_end(const struct place *place, uint64_t va)
{
	const struct place_region *region = &place->regions[place_kind_at(place, va)];
	uint64_t end = region->va + region->size_bytes;

	for (size_t i = 1; i < place->file->nr_symbols; i++)
		if (place->is_resolved[i] && *place->file->symbols[i].name &&
		    place->symbols[i] > va && place->symbols[i] < end)
			end = place->symbols[i];
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

/* What has been found of place_functions(), and where. */
struct functions {
	const struct place *place;
	size_t nr, room;
	uint64_t *array;
};

static void collect(struct functions *functions, uint64_t va, unsigned depth)
{
	const struct place *place = functions->place;
	size_t number = place_section_at(place, va);
	const struct file_section *section = &place->file->sections[number];
	const struct file_symbol *symbol;
	uint64_t offset, target;
	Elf64_Rela rela;

	if (number && place_is_code(place_kind_at(place, va))) {
		functions->nr = insert(va, functions->nr, functions->room,
				       functions->array);
		return;
	}
	symbol = number && depth ? place_symbol_at(place, va, &offset) : NULL;
	if (!symbol || offset >= symbol->size_bytes)
		return;
	for (size_t i = 0; i < section->nr_rela; i++) {
		file_rela(section, i, &rela);
		if (ELF64_R_TYPE(rela.r_info) == R_X86_64_64 &&
		    rela.r_offset - symbol->value < symbol->size_bytes &&
		    place_target(place, &rela, &target) && place_holds(place, target))
			collect(functions, target, depth - 1);
	}
}

size_t place_functions(const struct place *place, uint64_t va, size_t nr, uint64_t ret[])
{
	enum { DEPTH = 2 }; /* of a device its operations */
	struct functions functions = {.place = place, .room = nr, .array = ret};

	collect(&functions, va, DEPTH);
	return functions.nr;
}
