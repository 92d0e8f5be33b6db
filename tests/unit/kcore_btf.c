/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF that libbpf wrote, with a type of every kind, whole and damaged; and BTF as older
 * and newer releases write it, byte by byte: libbpf and its headers are of one release
 * only.
 */
#include "kcore/btf.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* struct node { int value; list_t next[3][4]; unsigned a : 3, b : 5; }; preceded by more
 * types than one mark has.
 */
static struct btf *write_btf(void)
{
	struct btf *btf = btf__new_empty();
	int number, pointer, array, list, proto;

	number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	for (int i = 0; i < 2 * BTF_MARK_STEP; i++)
		btf__add_const(btf, number);
	pointer = btf__add_ptr(btf, number);
	list = btf__add_typedef(btf, "list_t", btf__add_volatile(btf, pointer));
	array = btf__add_array(btf, number, btf__add_array(btf, number, list, 4), 3);
	btf__add_union(btf, "node", 8);
	btf__add_struct(btf, "node", 108);
	btf__add_field(btf, "value", number, 0, 0);
	btf__add_field(btf, "next", array, 64, 0);
	btf__add_field(btf, "a", number, 832, 3);
	btf__add_field(btf, "b", number, 835, 5);
	btf__add_enum(btf, "color", 4);
	btf__add_enum_value(btf, "RED", 1);
	btf__add_enum64(btf, "wide", 8, false);
	btf__add_enum64_value(btf, "HUGE", 1ULL << 40);
	btf__add_fwd(btf, "elsewhere", BTF_FWD_STRUCT);
	btf__add_restrict(btf, pointer);
	btf__add_float(btf, "double", 8);
	proto = btf__add_func_proto(btf, number);
	btf__add_func_param(btf, "argument", pointer);
	btf__add_func(btf, "node", BTF_FUNC_GLOBAL, proto);
	btf__add_var(btf, "counter", BTF_VAR_STATIC, number);
	btf__add_datasec(btf, ".data", 4);
	btf__add_decl_tag(btf, "tag", number, -1);
	btf__add_type_tag(btf, "user", number);
	btf__add_struct(btf, "last", 1);
	return btf;
}

static char *copy_of(struct btf *written, uint32_t *bytes)
{
	const void *raw = btf__raw_data(written, bytes);

	return memcpy(malloc(*bytes), raw, *bytes);
}

/* Each type as libbpf sees it, which looks it up in an array. */
Test(kcore_btf, every_type_is_libbpfs)
{
	struct btf *written = write_btf(), *btf;
	uint32_t bytes, nr = btf__type_cnt(written) - 1;
	char *data = copy_of(written, &bytes);

	cr_assert_eq(btf_open(&btf, NULL, data, bytes), 0);
	cr_assert_eq(btf->nr, nr);
	for (uint32_t id = 1; id <= nr; id++) {
		const struct btf_record *type = btf_at(btf, id);
		const struct btf_type *other = btf__type_by_id(written, id);
		long long expected = btf__resolve_size(written, id);
		uint64_t size = 99;

		cr_assert_eq(memcmp(type, other, sizeof(*type)), 0, "%u", id);
		cr_expect_str_eq(btf_name(btf, type->name),
				 btf__name_by_offset(written, other->name_off));
		/* Variables and what describes them have no place in a structure. */
		if (expected > 0 && btf_record_kind(type) != BTF_VARIABLE &&
		    btf_record_kind(type) != BTF_SECTION &&
		    btf_record_kind(type) != BTF_DECL_TAG)
			cr_expect(btf_size(btf, id, &size) && size == (uint64_t)expected,
				  "%u: %llu, %llu", id, (unsigned long long)size,
				  expected);
	}
	cr_expect_null(btf_at(btf, 0));
	cr_expect_null(btf_at(btf, nr + 1));
	btf_close(btf);
	btf__free(written);
}

Test(kcore_btf, names)
{
	struct btf *written = write_btf(), *btf;
	const struct btf_record *type;
	const struct btf_record_member *members;
	uint32_t bytes;
	char *data = copy_of(written, &bytes);

	cr_assert_eq(btf_open(&btf, NULL, data, bytes), 0);
	type = btf_find_composite(btf, "node");
	cr_assert_not_null(type);
	cr_expect_eq(btf_record_kind(type), BTF_STRUCT, "not the union");
	cr_expect_eq(type->size_bytes, 108);
	members = (const void *)(type + 1);
	cr_expect_eq(btf_offset(type, &members[1]), 8);
	cr_expect_eq(btf_offset(type, &members[3]), 104, "a bit field's byte");
	type = btf_find_function(btf, "node");
	cr_assert_not_null(type);
	cr_expect_eq(btf_record_kind(type), BTF_FUNCTION);
	cr_expect_not_null(btf_find_composite(btf, "last"));
	cr_expect_null(btf_find_composite(btf, "color"), "an enum");
	cr_expect_null(btf_find_composite(btf, "elsewhere"), "only declared");
	cr_expect_null(btf_find_function(btf, "nodes"));
	cr_expect_null(btf_name(btf, btf->strings_bytes));
	btf_close(btf);
	btf__free(written);
}

/* One byte changed at a time: refused, or read within its bounds (SAN=1 looks on). */
/* The index is made as far as a question goes: a structure far behind is found all the
 * same, and comes before a union, wherever that is.
 */
Test(kcore_btf, names_far_apart)
{
	enum { NR = 9000 };
	struct btf *written = btf__new_empty(), *btf;
	const struct btf_record *type;
	char name[16], *data;
	uint32_t bytes;

	btf__add_union(written, "both", 3);
	for (uint32_t i = 0; i < NR; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		btf__add_struct(written, name, i);
	}
	btf__add_struct(written, "both", 4);
	btf__add_struct(written, "both", 5);
	btf__add_union(written, "s8999", 6);
	btf__add_union(written, "alone", 7);
	data = copy_of(written, &bytes);
	cr_assert_eq(btf_open(&btf, NULL, data, bytes), 0);
	for (uint32_t i = 0; i < NR; i += 7) {
		uint32_t j = i % 2 ? i : i * 7919 % NR;

		snprintf(name, sizeof(name), "s%u", j);
		type = btf_find_composite(btf, name);
		cr_assert_not_null(type, "%s", name);
		cr_expect_eq(type->size_bytes, j);
		/* What is in front needs no index of the rest. */
		if (i == 0)
			cr_expect_lt(btf->composites.nr_types, btf->nr);
	}
	type = btf_find_composite(btf, "both");
	cr_assert_not_null(type);
	cr_expect_eq(type->size_bytes, 4);
	cr_expect_eq(btf_find_composite(btf, "s8999")->size_bytes, 8999);
	cr_expect_eq(btf_find_composite(btf, "alone")->size_bytes, 7);
	cr_expect_null(btf_find_composite(btf, "s9000"));
	btf_close(btf);
	btf__free(written);
}

Test(kcore_btf, damaged)
{
	struct btf *written = write_btf();
	uint32_t bytes;

	for (uint32_t at = 0, end = bytes = 0; at <= end; at++) {
		static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};

		for (size_t i = 0; i < sizeof(values); i++) {
			char *data = copy_of(written, &bytes);
			struct btf *btf;
			uint64_t size;

			end = bytes - 1;
			data[at] = (char)values[i];
			if (btf_open(&btf, NULL, data, bytes) < 0) {
				free(data);
				continue;
			}
			for (uint32_t id = 1; id <= btf->nr; id++) {
				btf_size(btf, id, &size);
				btf_name(btf, btf_at(btf, id)->name);
			}
			btf_find_composite(btf, "node");
			btf_find_function(btf, "node");
			btf_close(btf);
		}
	}
	btf__free(written);
}

Test(kcore_btf, cut_short)
{
	struct btf *written = write_btf();
	uint32_t bytes, whole;

	free(copy_of(written, &whole));
	for (uint32_t nr = 0; nr < whole; nr += 7) {
		char *data = copy_of(written, &bytes);
		struct btf *btf;

		cr_expect_eq(btf_open(&btf, NULL, data, nr), -EINVAL, "%u", nr);
		free(data);
	}
	btf__free(written);
}

/* What a file is made of. Zeros: a head of 24 bytes, version 1, no layout. */
struct written {
	uint32_t head_bytes;
	uint8_t version, flags;
	const uint32_t *types;
	uint32_t types_bytes;
	const char *strings; /* NULL: none */
	uint32_t strings_bytes;
	const uint8_t *layout;
	uint32_t layout_bytes;
};

/* Head, types, layout, strings, as pahole writes them; the head's fields that it has no
 * room for are left out, and what it has more room for is 0xff.
 */
static char *write_by_hand(const struct written *written, size_t *ret_bytes)
{
	uint32_t head_bytes = written->head_bytes ? written->head_bytes : 24;
	const uint32_t fields[] = {
		0xeb9f | (written->version ? written->version : 1U) << 16 |
			(uint32_t)written->flags << 24,
		head_bytes,
		0,
		written->types_bytes,
		written->types_bytes + written->layout_bytes,
		written->strings_bytes,
		written->types_bytes,
		written->layout_bytes,
	};
	size_t bytes = head_bytes + written->types_bytes + written->layout_bytes +
		       written->strings_bytes;
	char *data = malloc(bytes), *at = data;

	memset(data, 0xff, head_bytes);
	memcpy(data, fields, head_bytes < sizeof(fields) ? head_bytes : sizeof(fields));
	at += head_bytes;
	memcpy(at, written->types, written->types_bytes);
	at += written->types_bytes;
	if (written->layout)
		memcpy(at, written->layout, written->layout_bytes);
	at += written->layout_bytes;
	if (written->strings)
		memcpy(at, written->strings, written->strings_bytes);
	*ret_bytes = bytes;
	return data;
}

static int open_written(const struct written *written, const struct btf *base,
			struct btf **ret)
{
	size_t bytes;
	char *data = write_by_hand(written, &bytes);
	int r = btf_open(ret, base, data, bytes);

	if (r < 0)
		free(data);
	return r;
}

static void expect_refused(const struct written *written, int expected)
{
	struct btf *btf = NULL;

	cr_expect_eq(open_written(written, NULL, &btf), expected);
	cr_expect_null(btf);
}

/* "long", "pair", "a", "b", "lone" */
static const char strings[] = "\0long\0pair\0a\0b\0lone";
enum { LONG = 1, PAIR = 6, A = 11, B = 13, LONE = 15 };
#define KIND(kind, nr) ((uint32_t)(kind) << 24 | (nr))

/* long; struct pair { long a, b; } */
static const uint32_t pair[] = {
	LONG, KIND(1, 0), 8,  64, /* an integer of 64 bits */
	PAIR, KIND(4, 2), 16, A,  1, 0, B, 1, 64,
};

static void expect_pair(struct btf *btf)
{
	const struct btf_record *type = btf_find_composite(btf, "pair");
	const struct btf_record_member *members = (const void *)(type + 1);
	uint64_t size;

	cr_assert_not_null(type);
	cr_expect_eq(type->size_bytes, 16);
	cr_expect_str_eq(btf_name(btf, members[1].name), "b");
	cr_expect_eq(btf_offset(type, &members[1]), 8);
	cr_expect(btf_size(btf, members[1].type, &size) && size == 8);
}

/* 4.18 to 7.0, since 7.1, and longer than any there is. */
Test(kcore_btf, heads_of_every_length)
{
	static const uint32_t head_bytes[] = {24, 28, 32, 36, 40, 256};

	for (size_t i = 0; i < sizeof(head_bytes) / sizeof(head_bytes[0]); i++) {
		struct btf *btf;

		cr_assert_eq(
			open_written(&(struct written){.head_bytes = head_bytes[i],
						       .types = pair,
						       .types_bytes = sizeof(pair),
						       .strings = strings,
						       .strings_bytes = sizeof(strings)},
				     NULL, &btf),
			0, "%u", head_bytes[i]);
		cr_expect_eq(btf->nr, 2);
		expect_pair(btf);
		btf_close(btf);
	}
}

/* A head that ends before the strings has none: nothing has a name, unless another file
 * has the names.
 */
Test(kcore_btf, heads_without_strings)
{
	static const uint32_t alias[] = {PAIR, KIND(8, 0), 2}, empty[1];
	struct written whole = {.types = pair,
				.types_bytes = sizeof(pair),
				.strings = strings,
				.strings_bytes = sizeof(strings)},
		       cut = {.head_bytes = 16,
			      .types = alias,
			      .types_bytes = sizeof(alias)};
	struct btf *base, *btf;

	for (uint32_t bytes = 8; bytes < 24; bytes += 4)
		expect_refused(&(struct written){.head_bytes = bytes,
						 .types = pair,
						 .types_bytes = sizeof(pair)},
			       -EINVAL);
	cr_assert_eq(open_written(&whole, NULL, &base), 0);
	cr_assert_eq(open_written(&cut, base, &btf), 0);
	cr_expect_eq(btf->nr, 1);
	cr_expect_str_eq(btf_name(btf, btf_at(btf, 3)->name), "pair");
	btf_close(btf);
	cut.head_bytes = 8; /* no types either */
	cut.types = empty;
	cut.types_bytes = 0;
	cr_assert_eq(open_written(&cut, base, &btf), 0);
	cr_expect_eq(btf->nr, 0);
	btf_close(btf);
	btf_close(base);
}

Test(kcore_btf, heads_that_are_none)
{
	struct written written = {.types = pair,
				  .types_bytes = sizeof(pair),
				  .strings = strings,
				  .strings_bytes = sizeof(strings)};
	size_t bytes;
	char *data = write_by_hand(&written, &bytes);
	struct btf *btf;

	/* Longer than the file; shorter than what says so; not where types may lie. */
	static const uint32_t lengths[] = {0, 4, 7, 25, 26, 27, 4096, 0xffffffff};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memcpy(data + 4, &lengths[i], 4);
		cr_expect_eq(btf_open(&btf, NULL, data, bytes), -EINVAL, "%u",
			     lengths[i]);
	}
	free(data);
	written.version = 2;
	expect_refused(&written, -ENOTSUP);
	written.version = 1;
	written.flags = 1;
	expect_refused(&written, -ENOTSUP);
}

/* Since 7.2 a structure may have more than 65535 members. */
Test(kcore_btf, more_members_than_16_bits_count)
{
	enum { NR = 70000 };
	uint32_t nr_words = 4 + 3 + 3 * NR + 3, *types = calloc(nr_words, sizeof(*types)),
		 *at = types;
	const struct btf_record *type;
	struct btf *btf;

	memcpy(at, pair, 4 * sizeof(*at));
	at += 4;
	memcpy(at, (const uint32_t[]){PAIR, KIND(4, NR), 8 * NR}, 3 * sizeof(*at));
	at += 3;
	for (uint32_t i = 0; i < NR; i++, at += 3)
		memcpy(at, (const uint32_t[]){A, 1, 64 * i}, 3 * sizeof(*at));
	memcpy(at, (const uint32_t[]){LONE, KIND(4, 0), 1}, 3 * sizeof(*at));
	cr_assert_eq(
		open_written(&(struct written){.types = types,
					       .types_bytes = nr_words * sizeof(*types),
					       .strings = strings,
					       .strings_bytes = sizeof(strings)},
			     NULL, &btf),
		0);
	type = btf_find_composite(btf, "pair");
	cr_assert_not_null(type);
	cr_expect_eq(btf_record_nr(type), NR);
	cr_expect_not_null(btf_find_composite(btf, "lone"), "what follows is found");
	btf_close(btf);
	free(types);
}

/* A kind of the future with 8 bytes and 4 for each of three parts, then the structure.
 * 99: more than the 5 bits that kinds had up to 7.1.
 */
enum { FUTURE = 99 };
static const uint32_t with_future[] = {
	LONG, KIND(1, 0),      8, 64, /* an integer of 64 bits */
	LONE, KIND(FUTURE, 3), 1, 0,  0, 0, 0, 0, PAIR, KIND(4, 2), 16, A, 1, 0, B, 1, 64,
};

/* One row a kind, as since 7.1: bytes once, bytes for each part, two of flags. */
enum { NR_LAYOUTS = FUTURE + 1 };
static const uint8_t layouts[NR_LAYOUTS][4] = {
	[1] = {4, 0},
	[3] = {12, 0},
	[4] = {0, 12},
	[5] = {0, 12},
	[6] = {0, 8},
	[13] = {0, 8},
	[14] = {4, 0},
	[15] = {0, 12},
	[17] = {4, 0},
	[19] = {0, 12},
	[FUTURE] = {8, 4, 0xff, 0xff},
};

static struct written future(const uint8_t (*with)[4], uint32_t nr)
{
	return (struct written){.head_bytes = 32,
				.types = with_future,
				.types_bytes = sizeof(with_future),
				.strings = strings,
				.strings_bytes = sizeof(strings),
				.layout = with ? with[0] : NULL,
				.layout_bytes = 4 * nr};
}

Test(kcore_btf, unknown_kinds_of_known_length_are_passed_over)
{
	struct written written = future(layouts, NR_LAYOUTS);
	struct btf *btf, *module;
	uint64_t size;

	cr_assert_eq(open_written(&written, NULL, &btf), 0);
	cr_expect_eq(btf->nr, 3);
	expect_pair(btf);
	cr_expect_eq(btf_record_kind(btf_at(btf, 2)), FUTURE);
	cr_expect_not(btf_size(btf, 2, &size), "nobody knows");
	/* A module's file has no rows of its own where its base has them. */
	written = future(NULL, 0);
	cr_assert_eq(open_written(&written, btf, &module), 0);
	cr_expect_eq(module->nr, 3);
	cr_expect_eq(btf_record_kind(btf_at(module, 6)), BTF_STRUCT);
	btf_close(module);
	btf_close(btf);
}

Test(kcore_btf, unknown_kinds_of_unknown_length_are_refused)
{
	static const uint32_t kind_0[] = {0, KIND(0, 0), 0};
	struct written written = future(NULL, 0);

	expect_refused(&written, -ENOTSUP);
	written = future(layouts, FUTURE); /* rows of all others */
	expect_refused(&written, -ENOTSUP);
	written = future(layouts, NR_LAYOUTS);
	written.head_bytes = 24; /* which says nothing of rows */
	expect_refused(&written, -ENOTSUP);
	written = future(layouts, NR_LAYOUTS);
	written.types = kind_0;
	written.types_bytes = sizeof(kind_0);
	expect_refused(&written, -EINVAL);
}

Test(kcore_btf, rows_that_cannot_be)
{
	uint8_t changed[NR_LAYOUTS][4];
	struct written written = future(changed, NR_LAYOUTS);

	memcpy(changed, layouts, sizeof(layouts));
	changed[4][1] = 16; /* members that have grown */
	expect_refused(&written, -ENOTSUP);
	memcpy(changed, layouts, sizeof(layouts));
	changed[FUTURE][1] = 3;
	expect_refused(&written, -EINVAL);
	memcpy(changed, layouts, sizeof(layouts));
	changed[FUTURE][0] = 255 & ~3; /* past the end */
	expect_refused(&written, -EINVAL);
	written = future(layouts, NR_LAYOUTS);
	written.layout_bytes -= 2;
	expect_refused(&written, -EINVAL);
}
