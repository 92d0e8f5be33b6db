/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF as it lies in memory: types by number and by name; of the kernel, or of a module,
 * which continues another's.
 *
 * Not libbpf, which copies it all and keeps a place for each of the 160,000 types, where
 * a run asks for a dozen; and Debian 12's exports no reader of a module's.
 */
#ifndef KWCHECK_KCORE_BTF_H
#define KWCHECK_KCORE_BTF_H

#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types of some kinds, by name; made when first asked for. */
struct btf_index {
	uint32_t *ids; /* open addressing, a power of two; 0: free */
	size_t nr_slots;
};

struct btf {
	char *data; /* owned */
	const unsigned char *types;
	uint32_t types_bytes;
	const char *strings;
	uint32_t strings_bytes;
	uint32_t nr;	 /* of types; numbers go from first_id on */
	uint32_t *marks; /* offset of every BTF_MARK_STEP-th type */
	/* A module's BTF continues the numbers and names of another. */
	const struct btf *base; /* borrowed; NULL: none */
	uint32_t first_id;	/* 1 without a base */
	uint32_t first_string;	/* 0 without a base */
	size_t nr_composites, nr_functions, nr_variables;
	struct btf_index composites, functions, variables;
};

enum { BTF_MARK_STEP = 64 };

/* btf_open - checks and takes over @data, malloc()ed
 * @base: what it continues, which must live as long; NULL: nothing.
 * Returns 0; -EINVAL: not BTF, or of a kind that is not known here; -ENOMEM. @data is the
 * caller's still where it fails.
 */
int btf_open(struct btf **ret, const struct btf *base, char *data, size_t size_bytes);
void btf_close(struct btf *btf);

/* Type @id, the base's among them, or NULL. Its parts follow it, as in <linux/btf.h>. */
const struct btf_type *btf_at(const struct btf *btf, uint32_t id);

/* The first type named @name: a structure before a union; a function; a variable. Of @btf
 * itself, not of its base. NULL: none.
 */
const struct btf_type *btf_find_composite(struct btf *btf, const char *name);
const struct btf_type *btf_find_function(struct btf *btf, const char *name);
const struct btf_type *btf_find_variable(struct btf *btf, const char *name);

/* The string at @offset, "" for none; NULL: it lies outside. */
const char *btf_name(const struct btf *btf, uint32_t offset);

/* Size in bytes of type @id past typedefs and qualifiers, arrays multiplied. false: not
 * known.
 */
bool btf_size(const struct btf *btf, uint32_t id, uint64_t *ret);

/* Offset in bytes of @member of @type. */
uint32_t btf_offset(const struct btf_type *type, const struct btf_member *member);

#endif
