/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's parameters, and the values given for them. */
#include "module/parameters.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct kernel_param: include/linux/moduleparam.h, the same since 4.19. */
enum { MAX_ENTRIES = 4096 }; /* the most of any distribution module is some 200 */
enum {
	ENTRY_BYTES = 40,
	NAME_AT = 0,
	OPS_AT = 16,
	MODE_AT = 24,
	FLAGS_AT = 27,
	ARG_AT = 32
};
/* struct kernel_param_ops */
enum { SET_AT = 8 };
/* struct kparam_string { unsigned maxlen; char *string; },
 * struct kparam_array { unsigned max, elemsize, *num; ops; void *elem; }
 */
enum { STRING_AT = 8, ELEMENT_OPS_AT = 16, ELEMENT_AT = 24 };

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
		parameter->bytes = paramvalue_bytes(parameter->ops);
	}
}

/* A '-' is a '_' to the kernel: kernel/params.c:parameq(). */
static bool is_name_of(const struct parameter *parameter, const char *name)
{
	const char *own = parameter->name;

	while (*own && (*own == *name || (*own == '-' && *name == '_') ||
			(*own == '_' && *name == '-'))) {
		own++;
		name++;
	}
	return *own == '\0' && *name == '\0';
}

static struct paramvalue judge_string(const struct modimage *mod, uint64_t arg,
				      const char *value)
{
	uint32_t max_bytes;

	if (!value)
		return (struct paramvalue){.status = PARAMVALUE_REJECTED,
					   .errnum = EINVAL};
	if (modimage_read(mod, arg, &max_bytes, sizeof(max_bytes)) < 0)
		return (struct paramvalue){.status = PARAMVALUE_NOT_TESTED};
	if (strlen(value) >= max_bytes)
		return (struct paramvalue){.status = PARAMVALUE_REJECTED,
					   .errnum = ENOSPC};
	return (struct paramvalue){.status = PARAMVALUE_TAKEN};
}

/* kernel/params.c:param_array(): each between two commas is set until one is rejected. */
static struct paramvalue judge_array(const struct modimage *mod, uint64_t arg,
				     char *value)
{
	static const struct paramvalue rejected = {.status = PARAMVALUE_REJECTED,
						   .errnum = EINVAL};
	struct paramvalue ret = {.status = PARAMVALUE_TAKEN};
	const char *ops = pointer_symbol(mod, arg + ELEMENT_OPS_AT);
	uint32_t max;

	if (!value)
		return rejected;
	if (modimage_read(mod, arg, &max, sizeof(max)) < 0)
		return (struct paramvalue){.status = PARAMVALUE_NOT_TESTED};
	for (uint32_t nr = 0; value; nr++) {
		char *comma = strchr(value, ',');
		struct paramvalue element;

		if (nr == max)
			return ret.status == PARAMVALUE_TAKEN ? rejected : ret;
		if (comma)
			*comma = '\0';
		element = paramvalue_judge(ops, value);
		value = comma ? comma + 1 : NULL;
		if (comma)
			*comma = ',';
		if (element.status == PARAMVALUE_REJECTED &&
		    ret.status == PARAMVALUE_TAKEN)
			return element;
		if (element.status == PARAMVALUE_NOT_TESTED)
			ret.status = PARAMVALUE_NOT_TESTED;
	}
	return ret;
}

static void give(struct parameter *parameter, const struct modimage *mod,
		 struct argument *argument, char *value)
{
	uint64_t arg = pointer_at(mod, parameter->entry + ARG_AT);
	struct paramvalue judged = {.status = PARAMVALUE_NOT_TESTED};

	if (strcmp(parameter->ops, "param_array_ops") == 0)
		judged = judge_array(mod, arg, value);
	else if (strcmp(parameter->ops, "param_ops_string") == 0)
		judged = judge_string(mod, arg, value);
	else if (!parameter->handler)
		judged = paramvalue_judge(parameter->ops, value);
	parameter->is_given = true;
	/* The elements of an array before a rejected one are. */
	parameter->is_written |= judged.status != PARAMVALUE_REJECTED ||
				 strcmp(parameter->ops, "param_array_ops") == 0;
	parameter->has_value = judged.has_value;
	parameter->value = judged.value;
	argument->parameter = parameter;
	argument->status = judged.status;
	argument->errnum = judged.errnum;
}

/* lib/cmdline.c:next_arg(): a '"' at the beginning of the word or of its value, and one
 * at the end, are not part of it; spaces between two do not end the word.
 */
static char *split(char *at, char **name, char **value)
{
	bool is_quoted = *at == '"', is_in_quotes = is_quoted, is_last;
	char *end, *equals = NULL;

	at += is_quoted;
	for (end = at; *end && (is_in_quotes || !isspace((unsigned char)*end)); end++) {
		if (*end == '=' && !equals && end != at)
			equals = end;
		if (*end == '"')
			is_in_quotes = !is_in_quotes;
	}
	is_last = *end == '\0';
	*end = '\0';
	*name = at;
	*value = equals ? equals + 1 : NULL;
	if (equals)
		*equals = '\0';
	if (end > at && end[-1] == '"' && (is_quoted || (equals && **value == '"')))
		end[-1] = '\0';
	if (equals && **value == '"')
		(*value)++;
	for (end += !is_last; isspace((unsigned char)*end);)
		end++;
	return end;
}

char *parameters_join(const char *const words[], size_t nr_words)
{
	size_t bytes = 1;
	char *text, *at;

	for (size_t i = 0; i < nr_words; i++)
		bytes += strlen(words[i]) + 1;
	at = text = calloc(1, bytes);
	for (size_t i = 0; text && i < nr_words; i++) {
		/* None behind the last: it would belong to an open quotation. */
		if (i > 0)
			*at++ = ' ';
		at = stpcpy(at, words[i]);
	}
	return text;
}

/* What comes after "--" is not for the parameters. */
static int read_arguments(struct parameters *parameters, const struct modimage *mod,
			  const char *const words[], size_t nr_words)
{
	char *at = parameters->text = parameters_join(words, nr_words);
	size_t bytes = at ? strlen(at) : 0;

	parameters->arguments = calloc(bytes / 2 + 1, sizeof(*parameters->arguments));
	if (!at || !parameters->arguments)
		return -ENOMEM;
	while (isspace((unsigned char)*at))
		at++;
	while (*at) {
		struct argument *argument =
			&parameters->arguments[parameters->nr_arguments];
		char *name, *value;

		at = split(at, &name, &value);
		if (!value && strcmp(name, "--") == 0)
			break;
		argument->name = name;
		argument->value = value;
		parameters->nr_arguments++;
		for (size_t i = 0; i < parameters->nr && !argument->parameter; i++)
			if (is_name_of(&parameters->array[i], name))
				give(&parameters->array[i], mod, argument, value);
	}
	return 0;
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

		parameter->entry = entry;
		parameter->name = string_at(mod, pointer_at(mod, entry + NAME_AT));
		if (!parameter->name)
			continue;
		parameter->ops = pointer_symbol(mod, entry + OPS_AT);
		modimage_read(mod, entry + MODE_AT, &parameter->mode,
			      sizeof(parameter->mode));
		modimage_read(mod, entry + FLAGS_AT, &parameter->flags,
			      sizeof(parameter->flags));
		ops = pointer_at(mod, entry + OPS_AT);
		if (modimage_kind_at(mod, ops) != MODSECTION_NONE)
			parameter->handler = pointer_at(mod, ops + SET_AT);
		else
			find_target(mod, parameter);
		parameters.nr++;
	}
	if (read_arguments(&parameters, mod, words, nr_words) < 0) {
		parameters_free(&parameters);
		return -ENOMEM;
	}
	*ret = parameters;
	return 0;
}

void parameters_free(struct parameters *parameters)
{
	free(parameters->array);
	free(parameters->arguments);
	free(parameters->text);
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
