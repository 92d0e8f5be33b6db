/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's parameters, and the values given for them. */
#include "module/parameters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct kernel_param: include/linux/moduleparam.h, the same since 4.19. */
enum { MAX_ENTRIES = 4096 }; /* the most of any distribution module is some 200 */
enum { ENTRY_BYTES = 40, NAME_AT = 0, OPS_AT = 16, MODE_AT = 24, ARG_AT = 32 };
/* struct kernel_param_ops */
enum { SET_AT = 8 };
/* struct kparam_string { unsigned maxlen; char *string; },
 * struct kparam_array { unsigned max, elemsize, *num; ops; void *elem; }
 */
enum { STRING_AT = 8, ELEMENT_AT = 24 };

/* How many bytes the kernel's own operations write at arg. */
static const struct {
	const char *ops;
	unsigned bytes;
	bool is_integer;
} kinds[] = {
	{"param_ops_byte", 1, true},   {"param_ops_short", 2, true},
	{"param_ops_ushort", 2, true}, {"param_ops_int", 4, true},
	{"param_ops_uint", 4, true},   {"param_ops_hexint", 4, true},
	{"param_ops_long", 8, true},   {"param_ops_ulong", 8, true},
	{"param_ops_ullong", 8, true}, {"param_ops_bool", 1, true},
	{"param_ops_bint", 4, true},   {"param_ops_invbool", 1, false},
	{"param_ops_charp", 8, false}, {"param_ops_bool_enable_only", 1, true},
};

/* The symbol that a pointer in the module's data is relocated to. */
static const char *pointer_symbol(const struct modimage *mod, uint64_t va)
{
	size_t section = modimage_section_at(mod, va);
	const struct kofile_section *of = &mod->file->sections[section];

	for (size_t i = 0; section && i < of->nr_rela; i++) {
		Elf64_Rela rela;

		kofile_rela(of, i, &rela);
		if (rela.r_offset == va - mod->sections[section].va)
			return mod->file->symbols[ELF64_R_SYM(rela.r_info)].name;
	}
	return "";
}

static uint64_t pointer_at(const struct modimage *mod, uint64_t va)
{
	uint64_t pointer;

	return modimage_read(mod, va, &pointer, sizeof(pointer)) == 0 ? pointer : 0;
}

static const char *string_at(const struct modimage *mod, uint64_t va)
{
	size_t section = modimage_section_at(mod, va);
	uint64_t offset = va - mod->sections[section].va;

	return section ? kofile_string(&mod->file->sections[section], offset) : NULL;
}

static void find_target(const struct modimage *mod, struct parameter *parameter)
{
	uint64_t arg = pointer_at(mod, parameter->entry + ARG_AT);

	if (strcmp(parameter->ops, "param_array_ops") == 0) {
		parameter->target = pointer_at(mod, arg + ELEMENT_AT);
	} else if (strcmp(parameter->ops, "param_ops_string") == 0) {
		parameter->target = pointer_at(mod, arg + STRING_AT);
	} else {
		parameter->target = arg;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (strcmp(parameter->ops, kinds[i].ops) == 0)
				parameter->bytes = kinds[i].bytes;
	}
}

/* A '-' is a '_' to the kernel: kernel/params.c:parameq(). */
static bool is_word_of(const struct parameter *parameter, const char *word,
		       const char **value)
{
	const char *name = parameter->name;

	for (; *name; name++, word++)
		if (*word != *name && !(*word == '-' && *name == '_') &&
		    !(*word == '_' && *name == '-'))
			return false;
	*value = *word == '=' ? word + 1 : word;
	return *word == '=' || *word == '\0';
}

static void give(struct parameter *parameter, const char *value)
{
	bool is_integer = false,
	     is_bool = strncmp(parameter->ops, "param_ops_bool", 14) == 0;
	char *end;

	parameter->is_given = true;
	parameter->has_value = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(parameter->ops, kinds[i].ops) == 0)
			is_integer = kinds[i].is_integer;
	if (!is_integer)
		return;
	if (is_bool && (*value == '\0' || strchr("yYtT1", *value))) {
		parameter->value = 1;
		parameter->has_value = true;
		return;
	}
	if (is_bool && strchr("nNfF0", *value)) {
		parameter->value = 0;
		parameter->has_value = true;
		return;
	}
	errno = 0;
	parameter->value = *value == '-' ? (uint64_t)strtoll(value, &end, 0)
					 : strtoull(value, &end, 0);
	parameter->has_value = errno == 0 && *value && !*end;
}

int parameters_read(struct parameters *ret, const struct modimage *mod,
		    const char *const words[], size_t nr_words)
{
	const struct kofile *file = mod->file;
	const struct kofile_section *table = kofile_section(file, "__param");
	size_t section = table ? (size_t)(table - file->sections) : 0;
	size_t nr = table && table->size_bytes < MAX_ENTRIES * ENTRY_BYTES
			    ? table->size_bytes / ENTRY_BYTES
			    : 0;
	struct parameters parameters = {
		.array = calloc(nr ? nr : 1, sizeof(struct parameter))};

	if (!parameters.array)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct parameter *parameter = &parameters.array[parameters.nr];
		uint64_t entry = mod->sections[section].va + i * ENTRY_BYTES, ops;
		const char *value;

		parameter->entry = entry;
		parameter->name = string_at(mod, pointer_at(mod, entry + NAME_AT));
		if (!parameter->name)
			continue;
		parameter->ops = pointer_symbol(mod, entry + OPS_AT);
		modimage_read(mod, entry + MODE_AT, &parameter->mode,
			      sizeof(parameter->mode));
		ops = pointer_at(mod, entry + OPS_AT);
		if (modimage_kind_at(mod, ops) != MODSECTION_NONE)
			parameter->handler = pointer_at(mod, ops + SET_AT);
		else
			find_target(mod, parameter);
		parameters.nr++;
		for (size_t j = 0; j < nr_words; j++)
			if (is_word_of(parameter, words[j], &value))
				give(parameter, value);
	}
	*ret = parameters;
	return 0;
}

void parameters_free(struct parameters *parameters)
{
	free(parameters->array);
	memset(parameters, 0, sizeof(*parameters));
}

bool parameters_are_given(const struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->nr; i++)
		if (parameters->array[i].is_given)
			return true;
	return false;
}

const struct parameter *parameters_at(const struct parameters *parameters, uint64_t va)
{
	for (size_t i = 0; i < parameters->nr; i++)
		if (parameters->array[i].target == va && va)
			return &parameters->array[i];
	return NULL;
}
