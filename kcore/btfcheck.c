/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel asks of the BTF of a module, before it takes the module. */
#include "kcore/btfcheck.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kcore/btf.h"

enum { MAX_NAME = 512 /* KSYM_NAME_LEN since 6.1 */, MAX_CHAIN = 32, MAX_INT_BITS = 128 };

static const uint32_t KIND_FLAG = 1U << 31;

/* __btf_name_char_ok(); the locale is C. */
static bool is_identifier(const char *name)
{
	size_t nr = strlen(name);

	if (nr == 0 || nr >= MAX_NAME || isdigit((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_' && *name != '.')
			return false;
	return true;
}

static bool is_section_name(const char *name)
{
	size_t nr = strlen(name);

	for (size_t i = 0; i < nr; i++)
		if (!isprint((unsigned char)name[i]))
			return false;
	return nr > 0 && nr < MAX_NAME;
}

/* A name that may lack, but has to be one where it is there. */
static bool is_identifier_or_none(const struct btf *btf, uint32_t offset)
{
	const char *name = btf_name(btf, offset);

	return offset == 0 || (name && is_identifier(name));
}

static const char *check_members(const struct btf *btf, const struct btf_record *type)
{
	const struct btf_record_member *members = (const void *)(type + 1);
	uint32_t last = 0;

	for (uint32_t i = 0; i < btf_record_nr(type); i++) {
		uint32_t offset = type->info & KIND_FLAG ? members[i].offset & 0xffffff
							 : members[i].offset;

		if (!btf_name(btf, members[i].name))
			return "Invalid member name_offset";
		if (!is_identifier_or_none(btf, members[i].name))
			return "Invalid name of a member";
		if (!members[i].type)
			return "Invalid type_id of a member";
		if (offset < last || (btf_record_kind(type) == BTF_UNION && offset))
			return "Invalid member bits_offset";
		if (((uint64_t)offset + 7) / 8 > type->size_bytes)
			return "Member bits_offset exceeds its struct size";
		last = offset;
	}
	return NULL;
}

static const char *check_values(const struct btf *btf, const struct btf_record *type)
{
	uint32_t words = btf_record_kind(type) == BTF_ENUM64 ? 3 : 2;
	const uint32_t *values = (const void *)(type + 1);

	if (type->size_bytes > 8 || !type->size_bytes ||
	    type->size_bytes & (type->size_bytes - 1))
		return "Unexpected size";
	for (uint32_t i = 0; i < btf_record_nr(type); i++) {
		const char *name = btf_name(btf, values[i * words]);

		if (!name)
			return "Invalid name_offset";
		if (!is_identifier(name))
			return "Invalid name of an enum's value";
	}
	return NULL;
}

static const char *check_variables(const struct btf_record *type)
{
	const struct {
		uint32_t type, offset, size_bytes;
	} *parts = (const void *)(type + 1);
	uint64_t end = 0;

	if (!type->size_bytes)
		return "size == 0";
	for (uint32_t i = 0; i < btf_record_nr(type); i++) {
		if (!parts[i].type)
			return "Invalid type_id";
		if (parts[i].offset < end || parts[i].offset >= type->size_bytes)
			return "Invalid offset";
		end = (uint64_t)parts[i].offset + parts[i].size_bytes;
		if (!parts[i].size_bytes || end > type->size_bytes)
			return "Invalid size";
	}
	return NULL;
}

static const char *check_int(const struct btf_record *type)
{
	uint32_t data, bits;

	memcpy(&data, type + 1, sizeof(data));
	bits = (data & 0xff) + (data >> 16 & 0xff);
	if (bits > MAX_INT_BITS)
		return "nr_bits exceeds 128";
	if ((bits + 7) / 8 > type->size_bytes)
		return "nr_bits exceeds type_size";
	return NULL;
}

/* What a kind's name has to be. */
enum name_rule {
	NAME_ANY = 0,
	NAME_IDENTIFIER,
	NAME_OPTIONAL,
	NAME_SECTION,
	NAME_TEXT,
	NONE
};

static const uint8_t name_rules[BTF_NR_KNOWN] = {
	[BTF_POINTER] = NONE,
	[BTF_ARRAY] = NONE,
	[BTF_STRUCT] = NAME_OPTIONAL,
	[BTF_UNION] = NAME_OPTIONAL,
	[BTF_ENUM] = NAME_OPTIONAL,
	[BTF_FORWARD] = NAME_IDENTIFIER,
	[BTF_TYPEDEF] = NAME_IDENTIFIER,
	[BTF_VOLATILE] = NONE,
	[BTF_CONST] = NONE,
	[BTF_RESTRICT] = NONE,
	[BTF_FUNCTION] = NAME_IDENTIFIER,
	[BTF_PROTOTYPE] = NONE,
	[BTF_VARIABLE] = NAME_IDENTIFIER,
	[BTF_SECTION] = NAME_SECTION,
	[BTF_DECL_TAG] = NAME_TEXT,
	[BTF_TYPE_TAG] = NAME_TEXT,
	[BTF_ENUM64] = NAME_OPTIONAL,
};

static const char *check_name(const struct btf *btf, const struct btf_record *type)
{
	const char *name = btf_name(btf, type->name);
	bool is_right = true;

	if (!name)
		return "Invalid name_offset";
	switch ((enum name_rule)name_rules[btf_record_kind(type)]) {
	case NAME_IDENTIFIER:
		is_right = type->name && is_identifier(name);
		break;
	case NAME_OPTIONAL:
		is_right = is_identifier_or_none(btf, type->name);
		break;
	case NAME_SECTION:
		is_right = type->name && is_section_name(name);
		break;
	case NAME_TEXT:
		is_right = *name != '\0';
		break;
	case NONE:
		is_right = type->name == 0;
		break;
	case NAME_ANY:
		break;
	}
	return is_right ? NULL : "Invalid name";
}

/* btf_check_meta() of each kind, but for flags that no compiler sets. */
static const char *check_type(const struct btf *btf, const struct btf_record *type)
{
	const struct btf_record_array *array = (const void *)(type + 1);
	const char *why = check_name(btf, type);

	if (why)
		return why;
	switch (btf_record_kind(type)) {
	case BTF_INT:
		return check_int(type);
	case BTF_ARRAY:
		return array->type && array->index_type ? NULL : "Invalid elem";
	case BTF_STRUCT:
	case BTF_UNION:
		return check_members(btf, type);
	case BTF_ENUM:
	case BTF_ENUM64:
		return check_values(btf, type);
	case BTF_FUNCTION:
		return btf_record_nr(type) > 1 ? "Invalid func linkage" : NULL;
	case BTF_VARIABLE:
		return type->type ? NULL : "Invalid type_id";
	case BTF_SECTION:
		return check_variables(type);
	}
	return NULL;
}

static bool is_modifier(const struct btf_record *type)
{
	switch (btf_record_kind(type)) {
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		return true;
	}
	return false;
}

/* btf_check_type_tags(), 5.17: the numbers of a chain of modifiers are types. */
static const char *check_chain(const struct btf *btf, uint32_t id)
{
	const struct btf_record *type = btf_at(btf, id);

	for (int i = 0; type && is_modifier(type); i++) {
		if (i == MAX_CHAIN)
			return "Max chain length or cycle detected";
		if (type->type == 0)
			return NULL; /* void */
		type = btf_at(btf, type->type);
	}
	return type ? NULL : "Invalid type_id";
}

static const char *check_all(const struct btf *btf)
{
	for (uint32_t i = 0; i < btf->nr; i++) {
		const struct btf_record *type = btf_at(btf, btf->first_id + i);
		const char *why = check_type(btf, type);

		if (!why && is_modifier(type))
			why = check_chain(btf, btf->first_id + i);
		if (why)
			return why;
	}
	return NULL;
}

/* btf_check_sec_info() and btf_parse_str_sec(): types, then strings, and nothing else. */
static const char *check_head(const unsigned char *data, size_t size_bytes)
{
	/* struct btf_header without what 7.1 added. */
	struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t bytes, types_at, types_bytes, strings_at, strings_bytes;
	} head;

	if (size_bytes < sizeof(head))
		return "btf_header not found";
	memcpy(&head, data, sizeof(head));
	if (head.bytes != sizeof(head))
		return NULL; /* of another shape: not judged */
	if (head.types_at != 0 || head.strings_at != head.types_bytes ||
	    (uint64_t)head.bytes + head.strings_at + head.strings_bytes != size_bytes)
		return "Unsupported section found";
	return NULL;
}

/* kernel/bpf/btf_relocate.c: each structure of .BTF.base must be one of the kernel's. */
static const char *check_base(const struct types *kernel, const struct btf *base)
{
	for (uint32_t i = 0; i < base->nr; i++) {
		const struct btf_record *type = btf_at(base, base->first_id + i);
		const char *name = btf_name(base, type->name);

		if ((btf_record_kind(type) == BTF_STRUCT ||
		     btf_record_kind(type) == BTF_UNION) &&
		    name && *name && !btf_find_composite(kernel->btf, name))
			return "a structure of .BTF.base is not the kernel's";
	}
	return NULL;
}

int btfcheck_module(const struct types *kernel, const void *data, size_t size_bytes,
		    const void *base, size_t base_bytes, const char **why)
{
	const char *found = check_head(data, size_bytes);
	struct types types;
	int r;

	if (!kernel->btf)
		return -ENOTSUP;
	if (!found && base)
		found = check_head(base, base_bytes);
	r = found ? 0
		  : types_parse_module(&types, kernel, data, size_bytes, base,
				       base_bytes);
	if (r == -EINVAL)
		found = "it is damaged";
	else if (r < 0)
		return r == -ENOMEM ? r : -ENOTSUP;
	if (!found) {
		found = types.base ? check_all(types.base) : NULL;
		if (!found)
			found = check_all(types.btf);
		if (!found && types.base)
			found = check_base(kernel, types.base);
		types_close(&types);
	}
	*why = found;
	return found ? -EINVAL : 0;
}
