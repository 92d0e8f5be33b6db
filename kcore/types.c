/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a member lies in a structure of this kernel, from its BTF. */
#include "kcore/types.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"

/* 3.5 to 5.5 MB on distribution kernels. */
enum { FIRST_BTF_BYTES = 8 * 1024 * 1024, MAX_BTF_BYTES = 256 * 1024 * 1024 };
/* Anonymous members nest two or three deep; a loop in hostile BTF would nest for ever. */
enum { MAX_DEPTH = 16 };

static int no_print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int types_parse(struct types *ret, const void *data, size_t size_bytes)
{
	struct btf *btf;
	int r;

	libbpf_set_print(no_print);
	btf = btf__new(data, (uint32_t)size_bytes);
	r = (int)libbpf_get_error(btf);
	if (r)
		return r;
	ret->btf = btf;
	return 0;
}

int types_parse_module(struct types *ret, const struct types *kernel, const void *data,
		       size_t size_bytes, const void *base, size_t base_bytes)
{
	struct types types = {.btf = kernel->btf, .is_borrowed = true};
	int r;

	if (base) {
		r = types_parse(&types, base, base_bytes);
		if (r < 0)
			return r;
		types.is_borrowed = false;
	}
	if (!types.btf)
		return -ENOENT;
	r = btfsplit_parse(&types.split, types.btf, data, size_bytes);
	if (r < 0) {
		types_close(&types);
		return r;
	}
	*ret = types;
	return 0;
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
		if (n < 0)
			return -errno;
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

	return r < 0 ? r : types_parse(ret, data, size_bytes);
}

void types_close(struct types *types)
{
	if (!types->is_borrowed)
		btf__free(types->btf);
	btfsplit_close(&types->split);
	free(types->functions);
	memset(types, 0, sizeof(*types));
}

static const struct btf_type *find(const struct types *types, const char *name)
{
	int id;

	if (!types->btf)
		return NULL;
	id = btf__find_by_name_kind(types->btf, name, BTF_KIND_STRUCT);
	if (id < 0)
		id = btf__find_by_name_kind(types->btf, name, BTF_KIND_UNION);
	return id < 0 ? NULL : btf__type_by_id(types->btf, (uint32_t)id);
}

static int offset_in(const struct btf *btf, const struct btf_type *type,
		     const char *member, int depth, uint32_t *ret)
{
	const struct btf_member *members = btf_members(type);

	if (depth > MAX_DEPTH)
		return -ENOENT;
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, members[i].name_off);
		uint32_t offset = btf_member_bit_offset(type, i) / 8, inner;
		const struct btf_type *of;

		if (!name)
			return -ENOENT;
		if (strcmp(name, member) == 0) {
			*ret = offset;
			return 0;
		}
		if (*name != '\0')
			continue;
		of = btf__type_by_id(btf, members[i].type);
		if (of && btf_is_composite(of) &&
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
	const struct btf_type *type = find(types, name);

	return type ? offset_in(types->btf, type, member, 0, ret) : -ENOENT;
}

int types_members(const struct types *types, const char *name, types_member_fn each,
		  void *ctx)
{
	const struct btf_type *type = find(types, name);
	const struct btf_member *members;

	if (!type)
		return -ENOENT;
	members = btf_members(type);
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const char *member = btf__name_by_offset(types->btf, members[i].name_off);
		int64_t size_bytes = btf__resolve_size(types->btf, members[i].type);
		int r;

		if (!member || *member == '\0')
			continue;
		r = each(ctx, member, btf_member_bit_offset(type, i) / 8,
			 size_bytes < 0 || size_bytes > UINT32_MAX
				 ? 0
				 : (uint32_t)size_bytes);
		if (r)
			return r;
	}
	return 0;
}

int types_size(const struct types *types, const char *name, uint32_t *ret)
{
	const struct btf_type *type = find(types, name);

	if (!type)
		return -ENOENT;
	*ret = type->size;
	return 0;
}

int types_variable_size(const struct types *types, const char *name, uint32_t *ret)
{
	const struct btf_type *type;
	int64_t size;
	int32_t id;

	if (!types->btf)
		return -ENOENT;
	id = btf__find_by_name_kind(types->btf, name, BTF_KIND_VAR);
	type = id < 0 ? NULL : btf__type_by_id(types->btf, (uint32_t)id);
	size = type ? btf__resolve_size(types->btf, type->type) : -1;
	if (size < 0 || size > UINT32_MAX)
		return -ENOENT;
	*ret = (uint32_t)size;
	return 0;
}

int types_member(const struct types *types, const char *name, uint32_t offset,
		 const char **ret, uint32_t *ret_start)
{
	const struct btf_type *type = find(types, name);
	const struct btf_member *members;
	int best = -1;

	if (!type || offset >= type->size)
		return -ENOENT;
	members = btf_members(type);
	for (int i = 0; i < (int)btf_vlen(type); i++)
		if (btf_member_bit_offset(type, (uint32_t)i) / 8 <= offset)
			best = i;
	if (best < 0)
		return -ENOENT;
	*ret = btf__name_by_offset(types->btf, members[best].name_off);
	*ret_start = btf_member_bit_offset(type, (uint32_t)best) / 8;
	return *ret ? 0 : -ENOENT;
}

/* A module's types and names continue the kernel's. */
static const struct btf_type *type_by_id(const struct types *types, uint32_t id)
{
	const struct btf_type *type = btfsplit_type(&types->split, id);

	return type ? type : btf__type_by_id(types->btf, id);
}

static const char *function_name(const struct types *types, uint32_t id)
{
	const struct btf_type *type = type_by_id(types, id);
	const char *name = type ? btfsplit_name(&types->split, type->name_off) : NULL;

	if (!name && type)
		name = btf__name_by_offset(types->btf, type->name_off);
	return name ? name : "";
}

static int compare_functions(const void *a, const void *b, void *types)
{
	return strcmp(function_name(types, *(const uint32_t *)a),
		      function_name(types, *(const uint32_t *)b));
}

static void index_functions(struct types *types)
{
	bool is_module = types->split.data;
	uint32_t first = is_module ? types->split.first_id : 1;
	uint32_t end = is_module ? first + types->split.nr : btf__type_cnt(types->btf);

	types->functions = calloc(end - first + 1, sizeof(*types->functions));
	if (!types->functions)
		return;
	for (uint32_t id = first; id < end; id++)
		if (btf_is_func(type_by_id(types, id)))
			types->functions[types->nr_functions++] = id;
	qsort_r(types->functions, types->nr_functions, sizeof(*types->functions),
		compare_functions, types);
}

static const struct btf_type *find_function(struct types *types, const char *name)
{
	size_t low = 0, high;

	if (!types->functions)
		index_functions(types);
	high = types->nr_functions;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(function_name(types, types->functions[middle]), name);

		if (order == 0)
			return type_by_id(types, types->functions[middle]);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Past typedefs and qualifiers; *@is_const: one of them was const. */
static const struct btf_type *strip(const struct types *types, uint32_t id,
				    bool *is_const)
{
	const struct btf_type *type = type_by_id(types, id);

	*is_const = false;
	for (int depth = 0; type && depth < MAX_DEPTH; depth++) {
		if (btf_is_const(type))
			*is_const = true;
		else if (!btf_is_typedef(type) && !btf_is_volatile(type) &&
			 !btf_is_restrict(type) && !btf_is_type_tag(type))
			break;
		type = type_by_id(types, type->type);
	}
	return type;
}

enum types_parameter types_parameter(struct types *types, const char *name,
				     unsigned index)
{
	const struct btf_type *function, *prototype, *type;
	const struct btf_param *params;
	bool is_const;

	function = types->btf ? find_function(types, name) : NULL;
	prototype = function ? type_by_id(types, function->type) : NULL;
	if (!prototype || !btf_is_func_proto(prototype))
		return TYPES_UNKNOWN;
	if (index >= btf_vlen(prototype))
		return TYPES_NONE;
	params = btf_params(prototype);
	if (params[index].type == 0) /* "..." */
		return TYPES_UNKNOWN;
	/* A structure by value takes another number of registers than one. */
	for (unsigned i = 0; i < index; i++) {
		type = strip(types, params[i].type, &is_const);
		if (!type || btf_is_composite(type))
			return TYPES_UNKNOWN;
	}
	type = strip(types, params[index].type, &is_const);
	if (!type || !btf_is_ptr(type))
		return TYPES_NO_POINTER;
	if (type->type == 0) /* void * */
		return TYPES_WRITABLE;
	type = strip(types, type->type, &is_const);
	if (type && btf_is_func_proto(type))
		return TYPES_CONST;
	return is_const ? TYPES_CONST : TYPES_WRITABLE;
}
