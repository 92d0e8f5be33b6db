/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a member lies in a structure of this kernel, from its BTF. */
#ifndef KWCHECK_KCORE_TYPES_H
#define KWCHECK_KCORE_TYPES_H

#include <stddef.h>
#include <stdint.h>

struct btf;

struct types {
	struct btf *btf; /* NULL: this kernel has none */
};

/* types_read - the BTF that @fd (/sys/kernel/btf/vmlinux) holds
 * Returns 0, or -errno; @ret is left without BTF then, and every question is -ENOENT.
 */
int types_read(struct types *ret, int fd);

/* The same of bytes in memory, which are copied. */
int types_parse(struct types *ret, const void *data, size_t size_bytes);
void types_close(struct types *types);

/* Byte offset of @member in struct or union @name, looked for inside its anonymous
 * members too. -ENOENT: no BTF, no such type or member.
 */
int types_offset(const struct types *types, const char *name, const char *member,
		 uint32_t *ret);

/* Size in bytes of struct or union @name. -ENOENT. */
int types_size(const struct types *types, const char *name, uint32_t *ret);

#endif
