/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module laid out as the kernel's loader would. */
#include "module/modimage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/x86.h"

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static void find_kinds(struct modimage *mod, const struct modsection_rules *rules)
{
	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		const struct kofile_section *section = &mod->file->sections[i];

		mod->sections[i].kind = modsection_by_flags(
			rules, section->name, section->flags, &mod->sections[i].source);
	}
}

/* They only make what follows aligned. */
static void forget_empty(struct modimage *mod)
{
	for (size_t i = 1; i < mod->file->nr_sections; i++)
		if (mod->file->sections[i].size_bytes == 0)
			mod->sections[i] = (struct modimage_section){0};
}

int modimage_layout(struct modimage *ret, const struct kofile *file,
		    const struct modsection_rules *rules)
{
	struct modimage mod = {.file = file, .per_cpu_align = 1};
	uint64_t at = 0;

	mod.sections = calloc(file->nr_sections, sizeof(*mod.sections));
	if (!mod.sections)
		return -ENOMEM;
	find_kinds(&mod, rules);
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_NR_KINDS; kind++) {
		uint64_t start = kind == MODSECTION_PER_CPU ? 0 : at, end = start;

		for (size_t i = 1; i < file->nr_sections; i++) {
			const struct kofile_section *section = &file->sections[i];

			if (mod.sections[i].kind != (enum modsection_kind)kind)
				continue;
			if (section->align > X86_MODULES_END - X86_MODULES_START)
				goto too_big;
			mod.sections[i].va = align_up(end, section->align);
			end = mod.sections[i].va + section->size_bytes;
			if (end > X86_MODULES_END - X86_MODULES_START)
				goto too_big;
			if (kind == MODSECTION_PER_CPU &&
			    section->align > mod.per_cpu_align)
				mod.per_cpu_align = section->align;
		}
		mod.regions[kind].va = start;
		mod.regions[kind].size_bytes = align_up(end, PAGE_BYTES) - start;
		if (kind == MODSECTION_PER_CPU)
			mod.per_cpu_bytes = end;
		else
			at = align_up(end, PAGE_BYTES);
	}
	mod.size_bytes = at;
	forget_empty(&mod);
	*ret = mod;
	return 0;
too_big:
	modimage_close(&mod);
	return -EFBIG;
}

/* Where the kernel puts modules: kcore lists that area as memory without frames. */
static uint64_t area_start(const struct kernel *kernel)
{
	for (size_t i = 0; i < kernel->core.nr_segments; i++)
		if (kernel->core.segments[i].va == X86_MODULES_START_NOKASLR &&
		    kernel->core.segments[i].pa == ELFCORE_NO_PA)
			return X86_MODULES_START_NOKASLR;
	return X86_MODULES_START;
}

int modimage_find_room(struct kernel *kernel, uint64_t size_bytes, uint64_t from,
		       uint64_t *ret)
{
	uint64_t start = from ? from : area_start(kernel), va = start;

	while (va < X86_MODULES_END && va - start < size_bytes) {
		struct pt_walk walk;

		pt_walk(&kernel->pt, va, &walk);
		if (walk.reason != PT_NOT_PRESENT && walk.span == 0)
			return -ENOSPC;
		va = (va & ~(walk.span - 1)) + walk.span;
		/* A guard page behind what is there, as vmalloc has. */
		if (walk.reason != PT_NOT_PRESENT)
			start = va += PAGE_BYTES;
	}
	if (start > X86_MODULES_END || X86_MODULES_END - start < size_bytes)
		return -ENOSPC;
	*ret = start;
	return 0;
}

void modimage_move(struct modimage *mod, uint64_t va, uint64_t per_cpu_va)
{
	uint64_t by = va - mod->va, per_cpu_by;

	per_cpu_by = per_cpu_va - mod->regions[MODSECTION_PER_CPU].va;
	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		if (mod->sections[i].kind == MODSECTION_PER_CPU)
			mod->sections[i].va += per_cpu_by;
		else if (mod->sections[i].kind != MODSECTION_NONE)
			mod->sections[i].va += by;
	}
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_NR_KINDS; kind++)
		mod->regions[kind].va += kind == MODSECTION_PER_CPU ? per_cpu_by : by;
	mod->va = va;
}

void modimage_place(struct modimage *mod, enum modsection_kind kind, uint64_t va)
{
	uint64_t by = va - mod->regions[kind].va;

	for (size_t i = 1; i < mod->file->nr_sections; i++)
		if (mod->sections[i].kind == kind)
			mod->sections[i].va += by;
	mod->regions[kind].va = va;
}

void modimage_close(struct modimage *mod)
{
	for (int kind = 0; kind < MODSECTION_NR_KINDS; kind++)
		free(mod->regions[kind].image);
	free(mod->sections);
	free(mod->symbols);
	free(mod->is_resolved);
	memset(mod, 0, sizeof(*mod));
}

int modimage_outline(struct modimage *ret, const struct modimage *mod)
{
	size_t nr = mod->file->nr_sections;
	struct modimage_section *sections = calloc(nr ? nr : 1, sizeof(*sections));

	if (!sections)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		sections[i] = mod->sections[i];
		sections[i].image = NULL;
	}
	*ret = *mod;
	ret->sections = sections;
	ret->symbols = NULL;
	ret->is_resolved = NULL;
	for (int kind = 0; kind < MODSECTION_NR_KINDS; kind++)
		ret->regions[kind].image = NULL;
	return 0;
}

bool modimage_holds(const struct modimage *mod, uint64_t va)
{
	return va - mod->va < mod->size_bytes;
}

size_t modimage_section_at(const struct modimage *mod, uint64_t va)
{
	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		const struct modimage_section *section = &mod->sections[i];

		if (section->kind != MODSECTION_NONE &&
		    section->kind != MODSECTION_PER_CPU && va >= section->va &&
		    va - section->va < mod->file->sections[i].size_bytes)
			return i;
	}
	return 0;
}

enum modsection_kind modimage_kind_at(const struct modimage *mod, uint64_t va)
{
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_PER_CPU; kind++)
		if (va >= mod->regions[kind].va &&
		    va - mod->regions[kind].va < mod->regions[kind].size_bytes)
			return kind;
	return MODSECTION_NONE;
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
