/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF that libbpf wrote, with a type of every kind, whole and damaged. */
#include "kcore/btf.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
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
		const struct btf_type *type = btf_at(btf, id),
				      *other = btf__type_by_id(written, id);
		long long expected = btf__resolve_size(written, id);
		uint64_t size = 99;

		cr_assert_eq(memcmp(type, other, sizeof(*type)), 0, "%u", id);
		cr_expect_str_eq(btf_name(btf, type->name_off),
				 btf__name_by_offset(written, other->name_off));
		/* Variables and what describes them have no place in a structure. */
		if (expected > 0 && BTF_INFO_KIND(type->info) != BTF_KIND_VAR &&
		    BTF_INFO_KIND(type->info) != BTF_KIND_DATASEC &&
		    BTF_INFO_KIND(type->info) != BTF_KIND_DECL_TAG)
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
	const struct btf_type *type;
	const struct btf_member *members;
	uint32_t bytes;
	char *data = copy_of(written, &bytes);

	cr_assert_eq(btf_open(&btf, NULL, data, bytes), 0);
	type = btf_find_composite(btf, "node");
	cr_assert_not_null(type);
	cr_expect_eq(BTF_INFO_KIND(type->info), BTF_KIND_STRUCT, "not the union");
	cr_expect_eq(type->size, 108);
	members = (const void *)(type + 1);
	cr_expect_eq(btf_offset(type, &members[1]), 8);
	cr_expect_eq(btf_offset(type, &members[3]), 104, "a bit field's byte");
	type = btf_find_function(btf, "node");
	cr_assert_not_null(type);
	cr_expect_eq(BTF_INFO_KIND(type->info), BTF_KIND_FUNC);
	cr_expect_not_null(btf_find_composite(btf, "last"));
	cr_expect_null(btf_find_composite(btf, "color"), "an enum");
	cr_expect_null(btf_find_composite(btf, "elsewhere"), "only declared");
	cr_expect_null(btf_find_function(btf, "nodes"));
	cr_expect_null(btf_name(btf, btf->strings_bytes));
	btf_close(btf);
	btf__free(written);
}

/* One byte changed at a time: refused, or read within its bounds (SAN=1 looks on). */
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
				btf_name(btf, btf_at(btf, id)->name_off);
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
