/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's BTF, which continues the numbers and names of another (its base). libbpf has
 * a reader for it that the library of Debian 12 does not export.
 */
#ifndef KWCHECK_KCORE_BTFSPLIT_H
#define KWCHECK_KCORE_BTFSPLIT_H

#include <stddef.h>
#include <stdint.h>

struct btf;
struct btf_type;

struct btfsplit {
	unsigned char *data;	  /* the header and all */
	uint32_t *offsets;	  /* of the types in data */
	uint32_t first_id, nr;	  /* of the types; the base's are below */
	uint32_t first_name;	  /* the base's names are below */
	uint32_t names, nr_names; /* where they lie in data, and their bytes */
};

/* btfsplit_parse - checks every type's place and length against the bytes
 * @data: copied. @base: what it continues. Returns 0, -EBADMSG (damaged) or -ENOMEM.
 */
int btfsplit_parse(struct btfsplit *ret, const struct btf *base, const void *data,
		   size_t size_bytes);
void btfsplit_close(struct btfsplit *split);

/* The type of that number, with what follows it inside data. NULL: not of the split part.
 */
const struct btf_type *btfsplit_type(const struct btfsplit *split, uint32_t id);

/* The name at @offset. NULL: not of the split part. */
const char *btfsplit_name(const struct btfsplit *split, uint32_t offset);

#endif
