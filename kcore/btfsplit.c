/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's BTF, which continues the numbers and names of another. */
#include "kcore/btfsplit.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes behind struct btf_type, for all of its kind and for each of its vlen: the
 * kernel's Documentation/bpf/btf.rst.
 */
static const struct {
	uint8_t once, each;
} sizes[] = {
	[BTF_KIND_INT] = {.once = sizeof(uint32_t)},
	[BTF_KIND_PTR] = {0},
	[BTF_KIND_ARRAY] = {.once = sizeof(struct btf_array)},
	[BTF_KIND_STRUCT] = {.each = sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {.each = sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {.each = sizeof(struct btf_enum)},
	[BTF_KIND_FUNC_PROTO] = {.each = sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {.once = sizeof(struct btf_var)},
	[BTF_KIND_DATASEC] = {.each = sizeof(struct btf_var_secinfo)},
	[BTF_KIND_DECL_TAG] = {.once = sizeof(struct btf_decl_tag)},
	[BTF_KIND_ENUM64] = {.each = sizeof(struct btf_enum64)},
};

enum { NR_KINDS = sizeof(sizes) / sizeof(sizes[0]) };

static int read_header(struct btfsplit *split, size_t size_bytes, struct btf_header *ret)
{
	uint64_t start, room;

	if (size_bytes < sizeof(*ret))
		return -EBADMSG;
	memcpy(ret, split->data, sizeof(*ret));
	if (ret->magic != BTF_MAGIC || ret->version != BTF_VERSION ||
	    ret->hdr_len < sizeof(*ret) || ret->hdr_len > size_bytes ||
	    ret->hdr_len % 4 || ret->type_off % 4)
		return -EBADMSG;
	start = ret->hdr_len;
	room = size_bytes - start;
	if ((uint64_t)ret->type_off + ret->type_len > room ||
	    (uint64_t)ret->str_off + ret->str_len > room || ret->str_len == 0 ||
	    split->data[start + ret->str_off + ret->str_len - 1] != '\0')
		return -EBADMSG;
	split->names = ret->hdr_len + ret->str_off;
	split->nr_names = ret->str_len;
	return 0;
}

static int index_types(struct btfsplit *split, const struct btf_header *header)
{
	uint32_t at = header->hdr_len + header->type_off;
	uint64_t end = (uint64_t)at + header->type_len;

	split->offsets = calloc(header->type_len / sizeof(struct btf_type) + 1,
				sizeof(*split->offsets));
	if (!split->offsets)
		return -ENOMEM;
	while (at + sizeof(struct btf_type) <= end) {
		const struct btf_type *type = (const void *)(split->data + at);
		unsigned kind = btf_kind(type);
		uint64_t bytes = sizeof(*type);

		if (kind == BTF_KIND_UNKN || kind >= NR_KINDS)
			return -EBADMSG;
		bytes += sizes[kind].once + (uint64_t)sizes[kind].each * btf_vlen(type);
		if (bytes > end - at)
			return -EBADMSG;
		split->offsets[split->nr++] = at;
		at += (uint32_t)bytes;
	}
	return at == end ? 0 : -EBADMSG;
}

int btfsplit_parse(struct btfsplit *ret, const struct btf *base, const void *data,
		   size_t size_bytes)
{
	struct btfsplit split = {.first_id = btf__type_cnt(base)};
	struct btf_header header;
	uint32_t base_bytes;
	const void *base_data = btf__raw_data(base, &base_bytes);
	int r;

	if (!base_data)
		return -ENOMEM;
	memcpy(&header, base_data, sizeof(header));
	split.first_name = header.str_len;
	split.data = malloc(size_bytes ? size_bytes : 1);
	if (!split.data)
		return -ENOMEM;
	memcpy(split.data, data, size_bytes);
	r = read_header(&split, size_bytes, &header);
	if (r == 0)
		r = index_types(&split, &header);
	if (r < 0) {
		btfsplit_close(&split);
		return r;
	}
	*ret = split;
	return 0;
}

void btfsplit_close(struct btfsplit *split)
{
	free(split->data);
	free(split->offsets);
	memset(split, 0, sizeof(*split));
}

const struct btf_type *btfsplit_type(const struct btfsplit *split, uint32_t id)
{
	if (id < split->first_id || id - split->first_id >= split->nr)
		return NULL;
	return (const void *)(split->data + split->offsets[id - split->first_id]);
}

const char *btfsplit_name(const struct btfsplit *split, uint32_t offset)
{
	if (offset < split->first_name || offset - split->first_name >= split->nr_names)
		return NULL;
	return (const char *)split->data + split->names + (offset - split->first_name);
}
