/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF as it lies in memory: types by number and by name; of the kernel, or of a module,
 * which continues another's.
 *
 * Not libbpf, which copies it all and keeps a place for each of the 160,000 types, where
 * a run asks for a dozen; and Debian 12's exports no reader of a module's.
 */
#ifndef KWCHECK_KCORE_BTF_H
#define KWCHECK_KCORE_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The format, as include/uapi/linux/btf.h has it since 4.18. It is described here, not by
 * that header: its structures, masks and kinds grow (a longer head in 7.1, more bits of
 * info in 7.2), and what is read was written by another release than the one that
 * compiles. Little-endian, as the CPU.
 */
enum btf_kind {
	BTF_VOID = 0, /* of no type in the file: void, and the end of parameters */
	BTF_INT = 1,
	BTF_POINTER = 2,
	BTF_ARRAY = 3,
	BTF_STRUCT = 4,
	BTF_UNION = 5,
	BTF_ENUM = 6,
	BTF_FORWARD = 7,
	BTF_TYPEDEF = 8,
	BTF_VOLATILE = 9,
	BTF_CONST = 10,
	BTF_RESTRICT = 11,
	BTF_FUNCTION = 12, /* 5.0, this and the next */
	BTF_PROTOTYPE = 13,
	BTF_VARIABLE = 14, /* 5.2, this and the next */
	BTF_SECTION = 15,
	BTF_FLOAT = 16,	   /* 5.13 */
	BTF_DECL_TAG = 17, /* 5.16 */
	BTF_TYPE_TAG = 18, /* 5.17 */
	BTF_ENUM64 = 19,   /* 6.0 */
	BTF_NR_KNOWN = 20,
	BTF_NR_KINDS = 128, /* that info has room for */
};

/* A type. Its parts follow it. */
struct btf_record {
	uint32_t name; /* offset, for btf_name() */
	uint32_t info; /* for the functions below */
	union {
		uint32_t
			size_bytes; /* of integers, structures, unions, enums, sections */
		uint32_t type;	    /* that the others are of */
	};
};
_Static_assert(sizeof(struct btf_record) == 12, "struct btf_type");

/* Behind BTF_ARRAY, once. */
struct btf_record_array {
	uint32_t type, index_type, nr;
};
_Static_assert(sizeof(struct btf_record_array) == 12, "struct btf_array");

/* Behind BTF_STRUCT and BTF_UNION, for each member. */
struct btf_record_member {
	uint32_t name, type;
	uint32_t offset; /* for btf_offset() */
};
_Static_assert(sizeof(struct btf_record_member) == 12, "struct btf_member");

/* Behind BTF_PROTOTYPE, for each parameter. */
struct btf_record_parameter {
	uint32_t name, type; /* 0, 0: "..." */
};
_Static_assert(sizeof(struct btf_record_parameter) == 8, "struct btf_param");

/* Bits 24 to 30; up to 7.1 bits 29 and 30 were unused, and zero. */
static inline uint32_t btf_record_kind(const struct btf_record *record)
{
	return record->info >> 24 & 0x7f;
}

/* Members, parameters, values: bits 0 to 23; up to 7.1 bits 16 to 23 were unused, and
 * zero.
 */
static inline uint32_t btf_record_nr(const struct btf_record *record)
{
	return record->info & 0xffffff;
}

/* Types of some kinds, by name; made when first asked for. */
struct btf_index {
	uint32_t *ids; /* open addressing, a power of two; 0: free */
	size_t nr_slots;
	uint32_t nr_types, types_bytes; /* how far it goes */
};

/* What follows a type of some kind: so many bytes, and so many for each of its parts. */
struct btf_trailer {
	bool is_known;
	uint8_t once_bytes, each_bytes;
};

struct btf {
	char *data; /* owned */
	const unsigned char *types;
	uint32_t types_bytes;
	const char *strings;
	uint32_t strings_bytes;
	uint32_t nr;	 /* of types; numbers go from first_id on */
	uint32_t *marks; /* offset of every BTF_MARK_STEP-th type */
	struct btf_trailer trailers[BTF_NR_KINDS];
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
 * A head that ends earlier than today's has zeros there; of one that goes on, what is not
 * known is ignored. A type of a kind that is not known keeps its number and is passed
 * over where the file says how long it is (since 7.1). Returns 0; -EINVAL: not BTF, or
 * damaged; -ENOTSUP: BTF that cannot be read here, of another version or with a kind
 * whose length is not known; -ENOMEM. @data is the caller's still where it fails.
 */
int btf_open(struct btf **ret, const struct btf *base, char *data, size_t size_bytes);
void btf_close(struct btf *btf);

/* Type @id, the base's among them, or NULL. Its kind may be one that is not known here.
 */
const struct btf_record *btf_at(const struct btf *btf, uint32_t id);

/* The first type named @name: a structure before a union; a function; a variable. Of @btf
 * itself, not of its base. NULL: none.
 */
const struct btf_record *btf_find_composite(struct btf *btf, const char *name);
const struct btf_record *btf_find_function(struct btf *btf, const char *name);
const struct btf_record *btf_find_variable(struct btf *btf, const char *name);

/* The string at @offset, "" for none; NULL: it lies outside. */
const char *btf_name(const struct btf *btf, uint32_t offset);

/* Size in bytes of type @id past typedefs and qualifiers, arrays multiplied. false: not
 * known.
 */
bool btf_size(const struct btf *btf, uint32_t id, uint64_t *ret);

/* Offset in bytes of @member of @type. */
uint32_t btf_offset(const struct btf_record *type,
		    const struct btf_record_member *member);

#endif
