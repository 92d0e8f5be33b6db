/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a member lies in a structure of this kernel, from its BTF. */
#ifndef KWCHECK_KCORE_TYPES_H
#define KWCHECK_KCORE_TYPES_H

#include <stddef.h>
#include <stdint.h>

struct btf;

struct types {
	struct btf *btf;  /* NULL: this kernel has none */
	struct btf *base; /* what btf continues, where that is not another's; or NULL */
};

/* types_read - the BTF that @fd (/sys/kernel/btf/vmlinux) holds, from its start
 * Returns 0, or -errno; @ret is left without BTF then, and every question is -ENOENT.
 */
int types_read(struct types *ret, int fd);

/* The same of bytes in memory, malloc()ed, which are taken over where it succeeds. */
int types_take(struct types *ret, char *data, size_t size_bytes);

/* types_parse_module - a module's BTF, which continues its base's
 * @kernel: whose types it continues; borrowed, for as long as @ret. @base: @base_bytes of
 * .BTF.base, which it then continues instead (out-of-tree modules since 6.11); NULL:
 * none. Only the module's own functions are found by types_parameter(). Returns 0 or
 * -errno.
 */
int types_parse_module(struct types *ret, const struct types *kernel, const void *data,
		       size_t size_bytes, const void *base, size_t base_bytes);
void types_close(struct types *types);

/* Byte offset of @member in struct or union @name, looked for inside its anonymous
 * members too. -ENOENT: no BTF, no such type or member.
 */
int types_offset(const struct types *types, const char *name, const char *member,
		 uint32_t *ret);

/* types_members - every named member of struct or union @name, in order of declaration
 * @each: called with the member's byte offset and size (0: not known); a non-zero return
 * stops and is returned. @member lives as long as @types. -ENOENT: no BTF, no such type.
 */
typedef int (*types_member_fn)(void *ctx, const char *member, uint32_t offset,
			       uint32_t size_bytes);
int types_members(const struct types *types, const char *name, types_member_fn each,
		  void *ctx);

/* Size in bytes of struct or union @name. -ENOENT. */
int types_size(const struct types *types, const char *name, uint32_t *ret);

/* Size in bytes of the variable @name (per-CPU variables only are in BTF). -ENOENT. */
int types_variable_size(const struct types *types, const char *name, uint32_t *ret);

/* types_member - the member of struct or union @name that covers byte @offset
 * @ret: its name, "" for an anonymous one; lives as long as @types. @ret_start: its
 * offset in bytes. -ENOENT: no BTF, no such type, or no member there.
 */
int types_member(const struct types *types, const char *name, uint32_t offset,
		 const char **ret, uint32_t *ret_start);

/* What a function may do with what a parameter points to, as its prototype says. */
enum types_parameter {
	TYPES_UNKNOWN = 0, /* no BTF, no such function, or variadic there */
	TYPES_NONE,	   /* it has fewer parameters */
	TYPES_NO_POINTER,
	TYPES_CONST,	/* a pointer to const, or to a function */
	TYPES_WRITABLE, /* a pointer to what is not const */
};

/* types_load - all bytes of @fd, malloc'ed, whatever its offset. Returns 0 or -errno. */
int types_load(int fd, unsigned char **ret, size_t *ret_bytes);

/* types_parameter - of parameter @index (0 the first) of the kernel's function @name
 * The first call indexes the functions (some 50,000) by name.
 */
enum types_parameter types_parameter(struct types *types, const char *name,
				     unsigned index);

#endif
