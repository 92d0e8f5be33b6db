/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a member lies in a structure of this kernel, from its BTF. */
#include "kcore/types.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
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

int types_read(struct types *ret, int fd)
{
	_cleanup_free_ char *data = NULL;
	size_t size_bytes = 0, room = FIRST_BTF_BYTES;

	data = malloc(room);
	if (!data)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, data + size_bytes, room - size_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size_bytes += (size_t)n;
		if (size_bytes == room) {
			char *more;

			if (room >= MAX_BTF_BYTES)
				return -EFBIG;
			room *= 2;
			more = realloc(data, room);
			if (!more)
				return -ENOMEM;
			data = more;
		}
	}
	return types_parse(ret, data, size_bytes);
}

void types_close(struct types *types)
{
	btf__free(types->btf);
	types->btf = NULL;
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

int types_size(const struct types *types, const char *name, uint32_t *ret)
{
	const struct btf_type *type = find(types, name);

	if (!type)
		return -ENOENT;
	*ret = type->size;
	return 0;
}
