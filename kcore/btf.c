/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF as it lies in memory: types by number and by name. */
#include "kcore/btf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 0xeb9f, POINTER_BYTES = 8 };
/* Arrays of typedefs of arrays nest two or three deep; hostile BTF for ever. */
enum { MAX_DEPTH = 32 };

/* Documentation/bpf/btf.rst. A kind's form never changed. */
static const struct btf_trailer known[BTF_NR_KNOWN] = {
	[BTF_INT] = {true, 4, 0},	[BTF_POINTER] = {true, 0, 0},
	[BTF_ARRAY] = {true, 12, 0},	[BTF_STRUCT] = {true, 0, 12},
	[BTF_UNION] = {true, 0, 12},	[BTF_ENUM] = {true, 0, 8},
	[BTF_FORWARD] = {true, 0, 0},	[BTF_TYPEDEF] = {true, 0, 0},
	[BTF_VOLATILE] = {true, 0, 0},	[BTF_CONST] = {true, 0, 0},
	[BTF_RESTRICT] = {true, 0, 0},	[BTF_FUNCTION] = {true, 0, 0},
	[BTF_PROTOTYPE] = {true, 0, 8}, [BTF_VARIABLE] = {true, 4, 0},
	[BTF_SECTION] = {true, 0, 12},	[BTF_FLOAT] = {true, 0, 0},
	[BTF_DECL_TAG] = {true, 4, 0},	[BTF_TYPE_TAG] = {true, 0, 0},
	[BTF_ENUM64] = {true, 0, 12},
};

/* struct btf_header: 4.18; the last two fields: 7.1. Offsets count from its end. */
struct head {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t bytes; /* of the head; where the rest begins */
	uint32_t types_at, types_bytes;
	uint32_t strings_at, strings_bytes;
	uint32_t layout_at, layout_bytes;
};
_Static_assert(sizeof(struct head) == 32, "struct btf_header");
/* What says how long the head is must be there. */
enum { MIN_HEAD_BYTES = 8, VERSION = 1 };

/* struct btf_layout, 7.1: an array by kind. */
struct layout {
	uint8_t once_bytes, each_bytes;
	uint16_t flags; /* none is in use */
};
_Static_assert(sizeof(struct layout) == 4, "struct btf_layout");

static bool is_composite(uint32_t kind)
{
	return kind == BTF_STRUCT || kind == BTF_UNION;
}

static bool is_function(uint32_t kind)
{
	return kind == BTF_FUNCTION;
}

static bool is_variable(uint32_t kind)
{
	return kind == BTF_VARIABLE;
}

/* Bytes of @type with what follows it; 0: of a kind that is not known. */
static size_t whole_bytes(const struct btf *btf, const struct btf_record *type)
{
	const struct btf_trailer *trailer = &btf->trailers[btf_record_kind(type)];

	if (!trailer->is_known)
		return 0;
	return sizeof(*type) + trailer->once_bytes +
	       (size_t)trailer->each_bytes * btf_record_nr(type);
}

/* A head of any length, cut or filled up with zeros to what is known of it. */
static int read_head(const char *data, size_t size_bytes, struct head *ret)
{
	struct head head = {0};
	size_t nr_fields;

	if (size_bytes < MIN_HEAD_BYTES)
		return -EINVAL;
	memcpy(&head, data, MIN_HEAD_BYTES);
	if (head.magic != MAGIC || head.bytes < MIN_HEAD_BYTES || head.bytes > size_bytes)
		return -EINVAL;
	if (head.version != VERSION || head.flags != 0)
		return -ENOTSUP;
	nr_fields = (head.bytes < sizeof(head) ? head.bytes : sizeof(head)) / 4;
	memcpy(&head, data, nr_fields * 4);
	*ret = head;
	return 0;
}

/* The address of @bytes that lie at offset @at behind the head. NULL: they reach past the
 * end.
 */
static const char *section(const struct head *head, const char *data, size_t size_bytes,
			   uint32_t at, uint32_t bytes)
{
	uint64_t start = (uint64_t)head->bytes + at;

	return start > size_bytes || bytes > size_bytes - start ? NULL : data + start;
}

static bool is_aligned(const void *at, const char *data)
{
	return ((const char *)at - data) % 4 == 0;
}

static int find_sections(struct btf *btf, const struct head *head, const char *data,
			 size_t size_bytes)
{
	const char *types = section(head, data, size_bytes, head->types_at,
				    head->types_bytes),
		   *strings = section(head, data, size_bytes, head->strings_at,
				      head->strings_bytes);

	if (!types || !is_aligned(types, data) || !strings)
		return -EINVAL;
	/* All names of a module's types may be the kernel's. */
	if (head->strings_bytes == 0 ? !btf->base
				     : strings[head->strings_bytes - 1] != '\0')
		return -EINVAL;
	btf->types = (const unsigned char *)types;
	btf->types_bytes = head->types_bytes;
	btf->strings = strings;
	btf->strings_bytes = head->strings_bytes;
	return 0;
}

/* A kind that is not known here is as long as the file says, or else as long as its base
 * says. The lengths of the known kinds are fixed: a file that says otherwise follows
 * rules that are not known here.
 */
static int find_trailers(struct btf *btf, const struct head *head, const char *data,
			 size_t size_bytes)
{
	const char *layouts = section(head, data, size_bytes, head->layout_at,
				      head->layout_bytes);
	size_t nr = head->layout_bytes / sizeof(struct layout);

	if (btf->base)
		memcpy(btf->trailers, btf->base->trailers, sizeof(btf->trailers));
	else
		memcpy(btf->trailers, known, sizeof(known));
	if (head->layout_bytes == 0)
		return 0;
	if (!layouts || head->layout_bytes % sizeof(struct layout) != 0 ||
	    !is_aligned(layouts, data))
		return -EINVAL;
	for (size_t kind = BTF_VOID + 1; kind < nr && kind < BTF_NR_KINDS; kind++) {
		struct layout layout;

		memcpy(&layout, layouts + kind * sizeof(layout), sizeof(layout));
		if (kind < BTF_NR_KNOWN && (layout.once_bytes != known[kind].once_bytes ||
					    layout.each_bytes != known[kind].each_bytes))
			return -ENOTSUP;
		if (layout.once_bytes % 4 != 0 || layout.each_bytes % 4 != 0)
			return -EINVAL;
		btf->trailers[kind] = (struct btf_trailer){true, layout.once_bytes,
							   layout.each_bytes};
	}
	return 0;
}

/* One pass over all: counts them, and notes where every 64th lies. */
static int mark_types(struct btf *btf)
{
	size_t room = btf->types_bytes / sizeof(struct btf_record) / BTF_MARK_STEP + 1;
	uint32_t at = 0;

	btf->marks = calloc(room, sizeof(*btf->marks));
	if (!btf->marks)
		return -ENOMEM;
	while (btf->types_bytes - at >= sizeof(struct btf_record)) {
		const struct btf_record *type = (const void *)(btf->types + at);
		uint32_t kind = btf_record_kind(type);
		size_t bytes = whole_bytes(btf, type);

		if (bytes == 0)
			return kind == BTF_VOID ? -EINVAL : -ENOTSUP;
		if (bytes > btf->types_bytes - at)
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
	struct head head;
	int r = btf ? read_head(data, size_bytes, &head) : -ENOMEM;

	if (r == 0) {
		btf->base = base;
		btf->first_id = base ? base->first_id + base->nr : 1;
		btf->first_string = base ? base->first_string + base->strings_bytes : 0;
		r = find_sections(btf, &head, data, size_bytes);
	}
	if (r == 0)
		r = find_trailers(btf, &head, data, size_bytes);
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

const struct btf_record *btf_at(const struct btf *btf, uint32_t id)
{
	const unsigned char *at;

	while (btf && id < btf->first_id)
		btf = btf->base;
	if (!btf || id - btf->first_id >= btf->nr)
		return NULL;
	id -= btf->first_id;
	at = btf->types + btf->marks[id / BTF_MARK_STEP];
	for (uint32_t i = id % BTF_MARK_STEP; i > 0; i--)
		at += whole_bytes(btf, (const void *)at);
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

static void add_to_index(const struct btf *btf, struct btf_index *index, uint32_t i,
			 const struct btf_record *type)
{
	const char *name = btf_name(btf, type->name);
	size_t slot;

	if (!name || *name == '\0')
		return;
	for (slot = hash(name); index->ids[slot & (index->nr_slots - 1)]; slot++)
		;
	index->ids[slot & (index->nr_slots - 1)] = btf->first_id + i;
}

/* Takes up to @nr more types into the index. */
static bool extend_index(const struct btf *btf, struct btf_index *index,
			 bool (*is_wanted)(uint32_t kind), size_t nr_wanted, uint32_t nr)
{
	if (!index->ids) {
		index->nr_slots = 16;
		while (index->nr_slots < 2 * nr_wanted)
			index->nr_slots *= 2;
		index->ids = calloc(index->nr_slots, sizeof(*index->ids));
	}
	if (!index->ids)
		return false;
	for (; nr > 0 && index->nr_types < btf->nr; nr--, index->nr_types++) {
		const struct btf_record *type = (const void *)(btf->types +
							       index->types_bytes);

		index->types_bytes += (uint32_t)whole_bytes(btf, type);
		if (is_wanted(btf_record_kind(type)))
			add_to_index(btf, index, index->nr_types, type);
	}
	return true;
}

static bool make_index(const struct btf *btf, struct btf_index *index,
		       bool (*is_wanted)(uint32_t kind), size_t nr_wanted)
{
	return extend_index(btf, index, is_wanted, nr_wanted, btf->nr);
}

/* The first of that name, of kind @kind where there is one. */
static const struct btf_record *find(const struct btf *btf, const struct btf_index *index,
				     const char *name, uint32_t kind)
{
	const struct btf_record *first = NULL;
	uint32_t id;

	for (size_t slot = hash(name);
	     (id = index->ids[slot & (index->nr_slots - 1)]) != 0; slot++) {
		const struct btf_record *type = btf_at(btf, id);

		if (strcmp(btf_name(btf, type->name), name) != 0)
			continue;
		if (btf_record_kind(type) == kind)
			return type;
		if (!first)
			first = type;
	}
	return first;
}

const struct btf_record *btf_find_composite(struct btf *btf, const char *name)
{
	/* Structures that all of the kernel has lie far in front, since pahole numbers
	 * types as it meets them: most questions need no index of the rest.
	 */
	enum { STEP = 2048 };
	const struct btf_record *found = NULL;
	struct btf_index *index = &btf->composites;

	if (index->ids)
		found = find(btf, index, name, BTF_STRUCT);
	while ((!found || btf_record_kind(found) != BTF_STRUCT) &&
	       (!index->ids || index->nr_types < btf->nr)) {
		if (!extend_index(btf, index, is_composite, btf->nr_composites, STEP))
			return NULL;
		found = find(btf, index, name, BTF_STRUCT);
	}
	return found;
}

const struct btf_record *btf_find_function(struct btf *btf, const char *name)
{
	if (!btf->functions.ids &&
	    !make_index(btf, &btf->functions, is_function, btf->nr_functions))
		return NULL;
	return find(btf, &btf->functions, name, BTF_FUNCTION);
}

const struct btf_record *btf_find_variable(struct btf *btf, const char *name)
{
	if (!btf->variables.ids &&
	    !make_index(btf, &btf->variables, is_variable, btf->nr_variables))
		return NULL;
	return find(btf, &btf->variables, name, BTF_VARIABLE);
}

bool btf_size(const struct btf *btf, uint32_t id, uint64_t *ret)
{
	uint64_t nr = 1;

	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		const struct btf_record *type = btf_at(btf, id);
		struct btf_record_array array;

		switch (type ? btf_record_kind(type) : BTF_VOID) {
		case BTF_INT:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FLOAT:
			return !__builtin_mul_overflow(nr, type->size_bytes, ret);
		case BTF_POINTER:
			return !__builtin_mul_overflow(nr, POINTER_BYTES, ret);
		case BTF_TYPEDEF:
		case BTF_VOLATILE:
		case BTF_CONST:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
			id = type->type;
			break;
		case BTF_ARRAY:
			memcpy(&array, type + 1, sizeof(array));
			if (__builtin_mul_overflow(nr, array.nr, &nr))
				return false;
			id = array.type;
			break;
		default:
			return false;
		}
	}
	return false;
}

uint32_t btf_offset(const struct btf_record *type, const struct btf_record_member *member)
{
	/* With the flag, bits 24 to 31 are the size of a bit field. */
	bool has_field_sizes = type->info >> 31;

	return (has_field_sizes ? member->offset & 0xffffff : member->offset) / 8;
}
