/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's sections copied, its symbols resolved and its relocations applied. */
#include "module/relocate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add_problem(struct modimage *mod, struct modimage_problem problem)
{
	if (mod->nr_problems < MODIMAGE_MAX_PROBLEMS)
		mod->problems[mod->nr_problems] = problem;
	mod->nr_problems++;
}

/* kernel/module/main.c:simplify_symbols() */
int relocate_resolve(struct modimage *mod, relocate_resolve_fn resolve, void *ctx)
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
			if (strncmp(symbol->name, "__gnu_lto", 9) != 0)
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

static int type_bytes(uint32_t type, bool *is_relative)
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

bool relocate_target(const struct modimage *mod, const Elf64_Rela *rela, uint64_t *ret)
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
	int n = type_bytes(type, &is_relative);
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
	if (!relocate_target(mod, rela, &value)) /* its symbol is a problem already */
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

	for (int kind = MODSECTION_TEXT; kind < MODSECTION_NR_KINDS; kind++) {
		struct modimage_region *region = &mod->regions[kind];

		region->image = calloc(1, region->size_bytes + MODIMAGE_SLACK_BYTES);
		if (!region->image)
			return -ENOMEM;
	}
	for (size_t i = 1; i < file->nr_sections; i++) {
		struct modimage_section *section = &mod->sections[i];
		struct modimage_region *region = &mod->regions[section->kind];

		if (section->kind == MODSECTION_NONE)
			continue;
		section->image = region->image + (section->va - region->va);
		if (file->sections[i].data)
			memcpy(section->image, file->sections[i].data,
			       file->sections[i].size_bytes);
	}
	return 0;
}

int relocate_load(struct modimage *mod)
{
	const struct kofile *file = mod->file;
	int r = copy_sections(mod);

	if (r < 0)
		return r;
	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];

		/* The loader relocates only what it loads. */
		if (mod->sections[i].kind == MODSECTION_NONE)
			continue;
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;

			kofile_rela(section, j, &rela);
			relocate(mod, i, &rela);
		}
	}
	return 0;
}
