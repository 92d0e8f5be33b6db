/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF as it lies in memory: types by number and by name. */
#include "kcore/btf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 0xeb9f, POINTER_BYTES = 8 };
/* Arrays of typedefs of arrays nest two or three deep; hostile BTF for ever. */
enum { MAX_DEPTH = 32 };

/* What follows a type: so many bytes, and so many for each of its vlen parts.
 * Documentation/bpf/btf.rst
 */
static const struct {
	bool is_known;
	uint8_t once_bytes, each_bytes;
} trailers[] = {
	[BTF_KIND_INT] = {true, 4, 0},
	[BTF_KIND_PTR] = {true, 0, 0},
	[BTF_KIND_ARRAY] = {true, sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {true, 0, sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {true, 0, sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {true, 0, sizeof(struct btf_enum)},
	[BTF_KIND_FWD] = {true, 0, 0},
	[BTF_KIND_TYPEDEF] = {true, 0, 0},
	[BTF_KIND_VOLATILE] = {true, 0, 0},
	[BTF_KIND_CONST] = {true, 0, 0},
	[BTF_KIND_RESTRICT] = {true, 0, 0},
	[BTF_KIND_FUNC] = {true, 0, 0},
	[BTF_KIND_FUNC_PROTO] = {true, 0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {true, sizeof(struct btf_var), 0},
	[BTF_KIND_DATASEC] = {true, 0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_FLOAT] = {true, 0, 0},
	[BTF_KIND_DECL_TAG] = {true, 4, 0},
	[BTF_KIND_TYPE_TAG] = {true, 0, 0},
	[BTF_KIND_ENUM64] = {true, 0, 12},
};

static bool is_composite(uint32_t kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static bool is_function(uint32_t kind)
{
	return kind == BTF_KIND_FUNC;
}

static bool is_variable(uint32_t kind)
{
	return kind == BTF_KIND_VAR;
}

/* Bytes of @type with what follows it; 0: of a kind that is not known. */
static size_t whole_bytes(const struct btf_type *type)
{
	uint32_t kind = BTF_INFO_KIND(type->info);

	if (kind >= sizeof(trailers) / sizeof(trailers[0]) || !trailers[kind].is_known)
		return 0;
	return sizeof(*type) + trailers[kind].once_bytes +
	       (size_t)trailers[kind].each_bytes * BTF_INFO_VLEN(type->info);
}

/* The head: where types and strings lie. Newer heads are longer: hdr_len is honoured. */
static int find_sections(struct btf *btf, const char *data, size_t size_bytes)
{
	struct btf_header head;
	uint64_t types, strings;

	if (size_bytes < sizeof(head))
		return -EINVAL;
	memcpy(&head, data, sizeof(head));
	types = (uint64_t)head.hdr_len + head.type_off;
	strings = (uint64_t)head.hdr_len + head.str_off;
	if (head.magic != MAGIC || head.hdr_len < sizeof(head) || types % 4 != 0 ||
	    types > size_bytes || head.type_len > size_bytes - types ||
	    strings > size_bytes || head.str_len > size_bytes - strings ||
	    head.str_len == 0 || data[strings + head.str_len - 1] != '\0')
		return -EINVAL;
	btf->types = (const unsigned char *)data + types;
	btf->types_bytes = head.type_len;
	btf->strings = data + strings;
	btf->strings_bytes = head.str_len;
	return 0;
}

/* One pass over all: counts them, and notes where every 64th lies. */
static int mark_types(struct btf *btf)
{
	size_t room = btf->types_bytes / sizeof(struct btf_type) / BTF_MARK_STEP + 1;
	uint32_t at = 0;

	btf->marks = calloc(room, sizeof(*btf->marks));
	if (!btf->marks)
		return -ENOMEM;
	while (btf->types_bytes - at >= sizeof(struct btf_type)) {
		const struct btf_type *type = (const void *)(btf->types + at);
		uint32_t kind = BTF_INFO_KIND(type->info);
		size_t bytes = whole_bytes(type);

		if (bytes == 0 || bytes > btf->types_bytes - at)
			return -EINVAL;
		if (btf->nr % BTF_MARK_STEP == 0)
			btf->marks[btf->nr / BTF_MARK_STEP] = at;
		btf->nr++;
		btf->nr_composites += is_composite(kind);
		btf->nr_functions += is_function(kind);
		btf->nr_variables += is_variable(kind);
		at += (uint32_t)bytes;
	}
	return at == btf->types_bytes ? 0 : -EINVAL;
}

int btf_open(struct btf **ret, const struct btf *base, char *data, size_t size_bytes)
{
	struct btf *btf = calloc(1, sizeof(*btf));
	int r = btf ? find_sections(btf, data, size_bytes) : -ENOMEM;

	if (r == 0) {
		btf->base = base;
		btf->first_id = base ? base->first_id + base->nr : 1;
		btf->first_string = base ? base->first_string + base->strings_bytes : 0;
	}
	if (r == 0)
		r = mark_types(btf);
	if (r < 0) {
		btf_close(btf);
		return r;
	}
	btf->data = data;
	*ret = btf;
	return 0;
}

void btf_close(struct btf *btf)
{
	if (!btf)
		return;
	free(btf->data);
	free(btf->marks);
	free(btf->composites.ids);
	free(btf->functions.ids);
	free(btf->variables.ids);
	free(btf);
}

const struct btf_type *btf_at(const struct btf *btf, uint32_t id)
{
	const unsigned char *at;

	while (btf && id < btf->first_id)
		btf = btf->base;
	if (!btf || id - btf->first_id >= btf->nr)
		return NULL;
	id -= btf->first_id;
	at = btf->types + btf->marks[id / BTF_MARK_STEP];
	for (uint32_t i = id % BTF_MARK_STEP; i > 0; i--)
		at += whole_bytes((const void *)at);
	return (const void *)at;
}

const char *btf_name(const struct btf *btf, uint32_t offset)
{
	while (btf && offset < btf->first_string)
		btf = btf->base;
	if (!btf || offset - btf->first_string >= btf->strings_bytes)
		return NULL;
	return btf->strings + (offset - btf->first_string);
}

/* FNV-1a */
static size_t hash(const char *name)
{
	uint32_t value = 2166136261U;

	for (; *name; name++)
		value = (value ^ (unsigned char)*name) * 16777619U;
	return value;
}

static bool make_index(const struct btf *btf, struct btf_index *index,
		       bool (*is_wanted)(uint32_t kind), size_t nr_wanted)
{
	const unsigned char *at = btf->types;

	index->nr_slots = 16;
	while (index->nr_slots < 2 * nr_wanted)
		index->nr_slots *= 2;
	index->ids = calloc(index->nr_slots, sizeof(*index->ids));
	if (!index->ids)
		return false;
	for (uint32_t i = 0; i < btf->nr; i++) {
		const struct btf_type *type = (const void *)at;
		const char *name;
		size_t slot;

		at += whole_bytes(type);
		if (!is_wanted(BTF_INFO_KIND(type->info)))
			continue;
		name = btf_name(btf, type->name_off);
		if (!name || *name == '\0')
			continue;
		for (slot = hash(name); index->ids[slot & (index->nr_slots - 1)]; slot++)
			;
		index->ids[slot & (index->nr_slots - 1)] = btf->first_id + i;
	}
	return true;
}

/* The first of that name, of kind @kind where there is one. */
static const struct btf_type *find(const struct btf *btf, const struct btf_index *index,
				   const char *name, uint32_t kind)
{
	const struct btf_type *first = NULL;
	uint32_t id;

	for (size_t slot = hash(name);
	     (id = index->ids[slot & (index->nr_slots - 1)]) != 0; slot++) {
		const struct btf_type *type = btf_at(btf, id);

		if (strcmp(btf_name(btf, type->name_off), name) != 0)
			continue;
		if (BTF_INFO_KIND(type->info) == kind)
			return type;
		if (!first)
			first = type;
	}
	return first;
}

const struct btf_type *btf_find_composite(struct btf *btf, const char *name)
{
	if (!btf->composites.ids &&
	    !make_index(btf, &btf->composites, is_composite, btf->nr_composites))
		return NULL;
	return find(btf, &btf->composites, name, BTF_KIND_STRUCT);
}

const struct btf_type *btf_find_function(struct btf *btf, const char *name)
{
	if (!btf->functions.ids &&
	    !make_index(btf, &btf->functions, is_function, btf->nr_functions))
		return NULL;
	return find(btf, &btf->functions, name, BTF_KIND_FUNC);
}

const struct btf_type *btf_find_variable(struct btf *btf, const char *name)
{
	if (!btf->variables.ids &&
	    !make_index(btf, &btf->variables, is_variable, btf->nr_variables))
		return NULL;
	return find(btf, &btf->variables, name, BTF_KIND_VAR);
}

bool btf_size(const struct btf *btf, uint32_t id, uint64_t *ret)
{
	uint64_t nr = 1;

	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		const struct btf_type *type = btf_at(btf, id);
		struct btf_array array;

		switch (type ? BTF_INFO_KIND(type->info) : BTF_KIND_UNKN) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			return !__builtin_mul_overflow(nr, type->size, ret);
		case BTF_KIND_PTR:
			return !__builtin_mul_overflow(nr, POINTER_BYTES, ret);
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = type->type;
			break;
		case BTF_KIND_ARRAY:
			memcpy(&array, type + 1, sizeof(array));
			if (__builtin_mul_overflow(nr, array.nelems, &nr))
				return false;
			id = array.type;
			break;
		default:
			return false;
		}
	}
	return false;
}

uint32_t btf_offset(const struct btf_type *type, const struct btf_member *member)
{
	return (BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(member->offset)
					   : member->offset) /
	       8;
}
