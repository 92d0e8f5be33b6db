/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module laid out as the kernel's loader would. */
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
