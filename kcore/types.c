/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a member lies in a structure of this kernel, from its BTF. */
#include "kcore/types.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/btf.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* 3.5 to 5.5 MB on distribution kernels. */
enum { FIRST_BTF_BYTES = 8 * 1024 * 1024, MAX_BTF_BYTES = 256 * 1024 * 1024 };
/* Anonymous members nest two or three deep; a loop in hostile BTF would nest for ever. */
enum { MAX_DEPTH = 16 };

int types_take(struct types *ret, char *data, size_t size_bytes)
{
	return btf_open(&ret->btf, NULL, data, size_bytes);
}

/* A copy of the bytes, which continue @base. */
static int open_copy(struct btf **ret, const struct btf *base, const void *data,
		     size_t size_bytes)
{
	char *copy = malloc(size_bytes ? size_bytes : 1);
	int r;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, size_bytes);
	r = btf_open(ret, base, copy, size_bytes);
	if (r < 0)
		free(copy);
	return r;
}

int types_parse_module(struct types *ret, const struct types *kernel, const void *data,
		       size_t size_bytes, const void *base, size_t base_bytes)
{
	struct types types = {0};
	int r;

	if (base) {
		r = open_copy(&types.base, NULL, base, base_bytes);
		if (r < 0)
			return r;
	} else if (!kernel->btf) {
		return -ENOENT;
	}
	r = open_copy(&types.btf, base ? types.base : kernel->btf, data, size_bytes);
	if (r < 0)
		types_close(&types);
	else
		*ret = types;
	return r;
}

int types_load(int fd, unsigned char **ret, size_t *ret_bytes)
{
	_cleanup_free_ unsigned char *data = NULL;
	size_t size_bytes = 0, room = FIRST_BTF_BYTES;

	data = malloc(room);
	if (!data)
		return -ENOMEM;
	for (;;) {
		ssize_t n = pread(fd, data + size_bytes, room - size_bytes,
				  (off_t)size_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			loss_note("reading the kernel's types", errno);
			return -errno;
		}
		if (n == 0)
			break;
		size_bytes += (size_t)n;
		if (size_bytes == room) {
			unsigned char *more;

			if (room >= MAX_BTF_BYTES)
				return -EFBIG;
			room *= 2;
			more = realloc(data, room);
			if (!more)
				return -ENOMEM;
			data = more;
		}
	}
	*ret = data;
	*ret_bytes = size_bytes;
	data = NULL;
	return 0;
}

int types_read(struct types *ret, int fd)
{
	_cleanup_free_ unsigned char *data = NULL;
	size_t size_bytes;
	int r = types_load(fd, &data, &size_bytes);

	if (r == 0)
		r = types_take(ret, (char *)data, size_bytes);
	if (r == 0)
		data = NULL; /* it is the types' now */
	return r;
}

void types_close(struct types *types)
{
	btf_close(types->btf);
	btf_close(types->base);
	memset(types, 0, sizeof(*types));
}

static const struct btf_record *find(const struct types *types, const char *name)
{
	return types->btf ? btf_find_composite(types->btf, name) : NULL;
}

static bool is_composite(const struct btf_record *type)
{
	return btf_record_kind(type) == BTF_STRUCT || btf_record_kind(type) == BTF_UNION;
}

static int offset_in(const struct btf *btf, const struct btf_record *type,
		     const char *member, int depth, uint32_t *ret)
{
	const struct btf_record_member *members = (const void *)(type + 1);

	if (depth > MAX_DEPTH)
		return -ENOENT;
	for (uint32_t i = 0; i < btf_record_nr(type); i++) {
		const char *name = btf_name(btf, members[i].name);
		uint32_t offset = btf_offset(type, &members[i]), inner;
		const struct btf_record *of;

		if (!name)
			return -ENOENT;
		if (strcmp(name, member) == 0) {
			*ret = offset;
			return 0;
		}
		if (*name != '\0')
			continue;
		of = btf_at(btf, members[i].type);
		if (of && is_composite(of) &&
		    offset_in(btf, of, member, depth + 1, &inner) == 0) {
			*ret = offset + inner;
			return 0;
		}
	}
	return -ENOENT;
}

int types_offset(const struct types *types, const char *name, const char *member,
		 uint32_t *ret)
{
	const struct btf_record *type = find(types, name);

	return type ? offset_in(types->btf, type, member, 0, ret) : -ENOENT;
}

int types_members(const struct types *types, const char *name, types_member_fn each,
		  void *ctx)
{
	const struct btf_record *type = find(types, name);
	const struct btf_record_member *members;

	if (!type)
		return -ENOENT;
	members = (const void *)(type + 1);
	for (uint32_t i = 0; i < btf_record_nr(type); i++) {
		const char *member = btf_name(types->btf, members[i].name);
		uint64_t size_bytes;
		int r;

		if (!member || *member == '\0')
			continue;
		if (!btf_size(types->btf, members[i].type, &size_bytes) ||
		    size_bytes > UINT32_MAX)
			size_bytes = 0;
		r = each(ctx, member, btf_offset(type, &members[i]),
			 (uint32_t)size_bytes);
		if (r)
			return r;
	}
	return 0;
}

int types_size(const struct types *types, const char *name, uint32_t *ret)
{
	const struct btf_record *type = find(types, name);

	if (!type)
		return -ENOENT;
	*ret = type->size_bytes;
	return 0;
}

int types_variable_size(const struct types *types, const char *name, uint32_t *ret)
{
	const struct btf_record *type = types->btf ? btf_find_variable(types->btf, name)
						   : NULL;
	uint64_t size;

	if (!type || !btf_size(types->btf, type->type, &size) || size > UINT32_MAX)
		return -ENOENT;
	*ret = (uint32_t)size;
	return 0;
}

int types_member(const struct types *types, const char *name, uint32_t offset,
		 const char **ret, uint32_t *ret_start)
{
	const struct btf_record *type = find(types, name);
	const struct btf_record_member *members;
	int best = -1;

	if (!type || offset >= type->size_bytes)
		return -ENOENT;
	members = (const void *)(type + 1);
	for (int i = 0; i < (int)btf_record_nr(type); i++)
		if (btf_offset(type, &members[i]) <= offset)
			best = i;
	if (best < 0)
		return -ENOENT;
	*ret = btf_name(types->btf, members[best].name);
	*ret_start = btf_offset(type, &members[best]);
	return *ret ? 0 : -ENOENT;
}

/* Past typedefs and qualifiers; *@is_const: one of them was const. NULL: there is none,
 * or its kind is not known here.
 */
static const struct btf_record *strip(const struct btf *btf, uint32_t id, bool *is_const)
{
	static const struct btf_record nothing = {.info = BTF_VOID};
	const struct btf_record *type = id ? btf_at(btf, id) : &nothing;

	*is_const = false;
	for (int depth = 0; type && depth < MAX_DEPTH; depth++) {
		switch (btf_record_kind(type)) {
		case BTF_CONST:
			*is_const = true;
			break;
		case BTF_TYPEDEF:
		case BTF_VOLATILE:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
			break;
		default:
			return btf_record_kind(type) < BTF_NR_KNOWN ? type : NULL;
		}
		type = type->type ? btf_at(btf, type->type) : &nothing;
	}
	return NULL;
}

static bool is_kind(const struct btf_record *type, uint32_t kind)
{
	return type && btf_record_kind(type) == kind;
}

enum types_parameter types_parameter(struct types *types, const char *name,
				     unsigned index)
{
	const struct btf_record *function, *prototype, *type;
	const struct btf_record_parameter *params;
	bool is_const;

	function = types->btf ? btf_find_function(types->btf, name) : NULL;
	prototype = function ? btf_at(types->btf, function->type) : NULL;
	if (!is_kind(prototype, BTF_PROTOTYPE))
		return TYPES_UNKNOWN;
	if (index >= btf_record_nr(prototype))
		return TYPES_NONE;
	params = (const void *)(prototype + 1);
	if (params[index].type == 0) /* "..." */
		return TYPES_UNKNOWN;
	/* A structure by value takes another number of registers than one. */
	for (unsigned i = 0; i < index; i++) {
		type = strip(types->btf, params[i].type, &is_const);
		if (!type || is_composite(type))
			return TYPES_UNKNOWN;
	}
	type = strip(types->btf, params[index].type, &is_const);
	if (!type)
		return TYPES_UNKNOWN;
	if (btf_record_kind(type) != BTF_POINTER)
		return TYPES_NO_POINTER;
	type = strip(types->btf, type->type, &is_const);
	if (!type)
		return TYPES_UNKNOWN;
	if (btf_record_kind(type) == BTF_PROTOTYPE)
		return TYPES_CONST;
	return is_const ? TYPES_CONST : TYPES_WRITABLE;
}
