/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types that the DWARF of a vmlinux tells, as BTF. */
#include "kcore/dwarftypes.h"

#ifdef KWCHECK_LIBDW
#include <dwarf.h>
#include <elfutils/libdw.h>
#endif
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/btf.h"

#ifdef KWCHECK_LIBDW

/* Anonymous members nest two or three deep. */
enum { MAX_DEPTH = 16, MAX_MEMBERS = 4096, MAX_PARAMETERS = 64 };
enum { MAX_BYTES = 256 * 1024 * 1024 };
/* Members of up to so many bytes share a type. */
enum { NR_SIZES = 256 };

struct buffer {
	char *bytes;
	size_t nr, room;
};

/* What a parameter is, as types_parameter() tells them apart. */
enum { ID_THING = 1, ID_CONST, ID_POINTER, ID_CONST_POINTER, ID_WORD };

struct maker {
	struct buffer types, strings;
	uint32_t nr; /* of types */
	uint32_t sizes[NR_SIZES];
	void *composites, *functions; /* trees of the names that are there */
	int status;
};

static void append(struct maker *maker, struct buffer *buffer, const void *data,
		   size_t size_bytes)
{
	if (maker->status < 0)
		return;
	if (buffer->nr + size_bytes > MAX_BYTES) {
		maker->status = -EFBIG;
		return;
	}
	if (buffer->nr + size_bytes > buffer->room) {
		size_t room = 2 * buffer->room + size_bytes + 4096;
		char *bytes = realloc(buffer->bytes, room);

		if (!bytes) {
			maker->status = -ENOMEM;
			return;
		}
		buffer->bytes = bytes;
		buffer->room = room;
	}
	memcpy(buffer->bytes + buffer->nr, data, size_bytes);
	buffer->nr += size_bytes;
}

/* Returns the string's offset; "" has 0. */
static uint32_t add_string(struct maker *maker, const char *text)
{
	size_t at = maker->strings.nr;

	if (!text || !*text)
		return 0;
	append(maker, &maker->strings, text, strlen(text) + 1);
	return (uint32_t)at;
}

/* Returns the type's number. What follows the record is appended by the caller. */
static uint32_t add_type(struct maker *maker, uint32_t name, uint32_t kind, uint32_t nr,
			 uint32_t size_or_type)
{
	const struct btf_record record = {
		.name = name, .info = kind << 24 | nr, .type = size_or_type};

	append(maker, &maker->types, &record, sizeof(record));
	return ++maker->nr;
}

/* A thing of which the size is known alone. */
static uint32_t add_thing(struct maker *maker, uint32_t size_bytes)
{
	uint32_t id = size_bytes < NR_SIZES ? maker->sizes[size_bytes] : 0;

	if (id == 0)
		id = add_type(maker, 0, BTF_STRUCT, 0, size_bytes);
	if (size_bytes < NR_SIZES)
		maker->sizes[size_bytes] = id;
	return id;
}

static void add_parameter_types(struct maker *maker)
{
	static const uint32_t encoding = 64;

	add_type(maker, 0, BTF_STRUCT, 0, 0);
	add_type(maker, 0, BTF_CONST, 0, ID_THING);
	add_type(maker, 0, BTF_POINTER, 0, ID_THING);
	add_type(maker, 0, BTF_POINTER, 0, ID_CONST);
	add_type(maker, 0, BTF_INT, 0, sizeof(uint64_t));
	append(maker, &maker->types, &encoding, sizeof(encoding));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* false: @name was there before. */
static bool is_new(struct maker *maker, void **tree, const char *name)
{
	const char **found = tsearch(name, tree, compare_names);

	if (!found)
		maker->status = -ENOMEM;
	return found && *found == name;
}

static bool has(Dwarf_Die *die, unsigned attribute)
{
	return dwarf_hasattr(die, attribute);
}

/* The type of @die past typedefs and qualifiers; *@is_const: one of them was const.
 * false: it is void, or not told.
 */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret, bool *is_const)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	*is_const = false;
	if (!dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), &type))
		return false;
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		switch (dwarf_tag(&type)) {
		case DW_TAG_const_type:
			*is_const = true;
			break;
		case DW_TAG_typedef:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			break;
		default:
			*ret = type;
			return true;
		}
		if (!dwarf_formref_die(dwarf_attr(&type, DW_AT_type, &attribute), &type))
			return false;
	}
	return false;
}

static bool is_composite(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static uint32_t size_of(Dwarf_Die *type)
{
	Dwarf_Word size_bytes;

	return dwarf_aggregate_size(type, &size_bytes) == 0 && size_bytes <= UINT32_MAX
		       ? (uint32_t)size_bytes
		       : 0;
}

/* Where a member lies, in bits. */
static uint32_t offset_of(Dwarf_Die *member)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (dwarf_formudata(dwarf_attr(member, DW_AT_data_bit_offset, &attribute),
			    &value) == 0)
		return (uint32_t)value;
	if (dwarf_formudata(dwarf_attr(member, DW_AT_data_member_location, &attribute),
			    &value) == 0)
		return (uint32_t)value * 8;
	return 0;
}

static uint32_t add_composite(struct maker *maker, Dwarf_Die *type, int depth);

/* false: no member that has a name, or members with names inside of it. */
static bool make_member(struct maker *maker, Dwarf_Die *member, int depth,
			struct btf_record_member *ret)
{
	const char *name = dwarf_diename(member);
	bool is_const, is_nested;
	Dwarf_Die type;

	if (dwarf_tag(member) != DW_TAG_member || !type_of(member, &type, &is_const))
		return false;
	is_nested = !name && is_composite(&type) && depth < MAX_DEPTH;
	if (!name && !is_nested)
		return false;
	*ret = (struct btf_record_member){
		.type = is_nested ? add_composite(maker, &type, depth + 1)
				  : add_thing(maker, size_of(&type)),
		.name = add_string(maker, name),
		.offset = offset_of(member),
	};
	return true;
}

/* The types of its members come before it. */
static uint32_t add_composite(struct maker *maker, Dwarf_Die *type, int depth)
{
	struct btf_record_member *members = calloc(MAX_MEMBERS, sizeof(*members));
	uint32_t kind = dwarf_tag(type) == DW_TAG_union_type ? BTF_UNION : BTF_STRUCT,
		 nr = 0, id = 0;
	Dwarf_Die member;

	if (!members)
		maker->status = -ENOMEM;
	if (members && dwarf_child(type, &member) == 0)
		do
			nr += make_member(maker, &member, depth, &members[nr]);
		while (nr < MAX_MEMBERS && maker->status == 0 &&
		       dwarf_siblingof(&member, &member) == 0);
	if (members) {
		id = add_type(maker,
			      add_string(maker, depth ? NULL : dwarf_diename(type)), kind,
			      nr, size_of(type));
		append(maker, &maker->types, members, nr * sizeof(*members));
	}
	free(members);
	return id;
}

static uint32_t parameter_type(Dwarf_Die *parameter)
{
	bool is_const;
	Dwarf_Die type;

	if (!type_of(parameter, &type, &is_const))
		return ID_WORD;
	if (is_composite(&type))
		return ID_THING;
	if (dwarf_tag(&type) != DW_TAG_pointer_type)
		return ID_WORD;
	/* To void: what is not told is not const. */
	if (!type_of(&type, &type, &is_const))
		return is_const ? ID_CONST_POINTER : ID_POINTER;
	return is_const || dwarf_tag(&type) == DW_TAG_subroutine_type ? ID_CONST_POINTER
								      : ID_POINTER;
}

static void add_function(struct maker *maker, Dwarf_Die *function)
{
	struct btf_record_parameter parameters[MAX_PARAMETERS];
	uint32_t nr = 0, prototype;
	Dwarf_Die child;

	if (dwarf_child(function, &child) == 0)
		do {
			int tag = dwarf_tag(&child);

			if (tag == DW_TAG_formal_parameter)
				parameters[nr++] = (struct btf_record_parameter){
					.type = parameter_type(&child)};
			else if (tag == DW_TAG_unspecified_parameters)
				parameters[nr++] = (struct btf_record_parameter){0};
		} while (nr < MAX_PARAMETERS && dwarf_siblingof(&child, &child) == 0);
	prototype = add_type(maker, 0, BTF_PROTOTYPE, nr, 0);
	append(maker, &maker->types, parameters, nr * sizeof(*parameters));
	add_type(maker, add_string(maker, dwarf_diename(function)), BTF_FUNCTION, 0,
		 prototype);
}

/* What is declared only is told elsewhere; of a function that was inlined somewhere too,
 * where it is abstract.
 */
static void add_die(struct maker *maker, Dwarf_Die *die)
{
	int tag = dwarf_tag(die);
	const char *name;

	if (tag != DW_TAG_structure_type && tag != DW_TAG_union_type &&
	    tag != DW_TAG_subprogram)
		return;
	if (has(die, DW_AT_declaration) || has(die, DW_AT_abstract_origin))
		return;
	name = dwarf_diename(die);
	if (!name)
		return;
	if (tag == DW_TAG_subprogram) {
		if (is_new(maker, &maker->functions, name))
			add_function(maker, die);
	} else if (is_new(maker, &maker->composites, name)) {
		add_composite(maker, die, 0);
	}
}

static void add_units(struct maker *maker, Dwarf *dwarf)
{
	Dwarf_Off at = 0, next;
	size_t head_bytes;

	for (; maker->status == 0 &&
	       dwarf_nextcu(dwarf, at, &next, &head_bytes, NULL, NULL, NULL) == 0;
	     at = next) {
		Dwarf_Die unit, die;

		if (!dwarf_offdie(dwarf, at + head_bytes, &unit) ||
		    dwarf_child(&unit, &die) != 0)
			continue;
		do
			add_die(maker, &die);
		while (maker->status == 0 && dwarf_siblingof(&die, &die) == 0);
	}
}

/* struct btf_header of 4.18; the sections follow each other. */
static int take(const struct maker *maker, struct types *ret)
{
	const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t bytes, types_at, types_bytes, strings_at, strings_bytes;
	} head = {
		.magic = 0xeb9f,
		.version = 1,
		.bytes = sizeof(head),
		.types_bytes = (uint32_t)maker->types.nr,
		.strings_at = (uint32_t)maker->types.nr,
		.strings_bytes = (uint32_t)maker->strings.nr,
	};
	size_t size_bytes = sizeof(head) + maker->types.nr + maker->strings.nr;
	char *data = malloc(size_bytes);
	int r;

	if (!data)
		return -ENOMEM;
	memcpy(data, &head, sizeof(head));
	memcpy(data + sizeof(head), maker->types.bytes, maker->types.nr);
	memcpy(data + sizeof(head) + maker->types.nr, maker->strings.bytes,
	       maker->strings.nr);
	r = types_take(ret, data, size_bytes);
	if (r < 0)
		free(data);
	return r;
}

static void forget(void *name)
{
	(void)name; /* libdw's */
}

int dwarftypes_read(struct types *ret, int fd)
{
	struct maker maker = {0};
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
	uint32_t nr_before;

	if (!dwarf)
		return -ENOENT;
	append(&maker, &maker.strings, "", 1);
	add_parameter_types(&maker);
	nr_before = maker.nr;
	add_units(&maker, dwarf);
	if (maker.status == 0)
		maker.status = maker.nr == nr_before ? -ENOENT : take(&maker, ret);
	tdestroy(maker.composites, forget);
	tdestroy(maker.functions, forget);
	free(maker.types.bytes);
	free(maker.strings.bytes);
	dwarf_end(dwarf);
	return maker.status;
}

#else

int dwarftypes_read(struct types *ret, int fd)
{
	(void)ret, (void)fd;
	return -ENOSYS;
}

#endif
