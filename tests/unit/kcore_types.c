/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/types.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* struct inner { long a; union { struct { long b; long c; }; }; }, as BTF in a file. */
static int make_btf(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, BTF_INT_SIGNED), innermost, nested, fd;
	const void *data;
	uint32_t bytes;

	innermost = btf__add_struct(btf, NULL, 16);
	btf__add_field(btf, "b", number, 0, 0);
	btf__add_field(btf, "c", number, 64, 0);
	nested = btf__add_union(btf, NULL, 16);
	btf__add_field(btf, NULL, innermost, 0, 0);
	btf__add_struct(btf, "outer", 24);
	btf__add_field(btf, "a", number, 0, 0);
	btf__add_field(btf, NULL, nested, 64, 0);
	data = btf__raw_data(btf, &bytes);
	fd = memfd_create("btf", MFD_CLOEXEC);
	cr_assert_eq(write(fd, data, bytes), (ssize_t)bytes);
	lseek(fd, 0, SEEK_SET);
	btf__free(btf);
	return fd;
}

Test(kcore_types, offsets_reach_into_anonymous_members)
{
	struct types types = {0};
	uint32_t offset = 99, size = 0;
	int fd = make_btf();

	cr_assert_eq(types_read(&types, fd), 0);
	cr_expect_eq(types_offset(&types, "outer", "a", &offset), 0);
	cr_expect_eq(offset, 0);
	cr_expect_eq(types_offset(&types, "outer", "c", &offset), 0);
	cr_expect_eq(offset, 16);
	cr_expect_eq(types_offset(&types, "outer", "d", &offset), -ENOENT);
	cr_expect_eq(types_offset(&types, "other", "a", &offset), -ENOENT);
	cr_expect_eq(offset, 16, "written on failure");
	cr_expect_eq(types_size(&types, "outer", &size), 0);
	cr_expect_eq(size, 24);
	types_close(&types);
	close(fd);
}

Test(kcore_types, without_btf_nothing_is_known)
{
	struct types types = {0};
	uint32_t offset;
	int fd = memfd_create("empty", MFD_CLOEXEC);

	cr_expect_lt(types_read(&types, fd), 0);
	cr_expect_eq(types_offset(&types, "task_struct", "mm", &offset), -ENOENT);
	types_close(&types);
	close(fd);
}

/* void each(const void *, void *, long, long *, ...) */
Test(kcore_types, what_parameters_promise)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, BTF_INT_SIGNED), proto;
	int constant = btf__add_ptr(btf, btf__add_const(btf, 0));
	int writable = btf__add_ptr(btf, 0), of_number = btf__add_ptr(btf, number);
	struct types types = {0};
	const void *data;
	uint32_t bytes;

	proto = btf__add_func_proto(btf, 0);
	btf__add_func_param(btf, "a", constant);
	btf__add_func_param(btf, "b", writable);
	btf__add_func_param(btf, "c", number);
	btf__add_func_param(btf, "d", of_number);
	btf__add_func_param(btf, NULL, 0);
	btf__add_func(btf, "each", BTF_FUNC_STATIC, proto);
	data = btf__raw_data(btf, &bytes);
	cr_assert_eq(types_take(&types, memcpy(malloc(bytes), data, bytes), bytes), 0);
	cr_expect_eq(types_parameter(&types, "each", 0), TYPES_CONST);
	cr_expect_eq(types_parameter(&types, "each", 1), TYPES_WRITABLE);
	cr_expect_eq(types_parameter(&types, "each", 2), TYPES_NO_POINTER);
	cr_expect_eq(types_parameter(&types, "each", 3), TYPES_WRITABLE);
	cr_expect_eq(types_parameter(&types, "each", 4), TYPES_UNKNOWN);
	cr_expect_eq(types_parameter(&types, "each", 5), TYPES_NONE);
	types_close(&types);
	btf__free(btf);
}

/* Types of a kind that is not known here promise nothing: not what they point to, and not
 * how many registers they take.
 */
Test(kcore_types, unknown_kinds_promise_nothing)
{
	/* 1: kind 50; 2: a pointer to it; 3: each(kind 50), 4: each(pointer),
	 * 5: each(kind 50, pointer), 6, 7, 8: functions
	 */
	static const uint32_t types_of[] = {
		0,
		50U << 24,
		0,
		0,
		2U << 24,
		1,
		0,
		13U << 24 | 1,
		0,
		0,
		1,
		0,
		13U << 24 | 1,
		0,
		0,
		2,
		0,
		13U << 24 | 2,
		0,
		0,
		1,
		0,
		2,
		1,
		12U << 24,
		3,
		3,
		12U << 24,
		4,
		5,
		12U << 24,
		5,
	};
	static const char strings[] = "\0a\0b\0c";
	/* Of kind 50 it is said that nothing follows it. */
	static const uint8_t layouts[51][4] = {
		[1] = {4, 0},  [3] = {12, 0}, [4] = {0, 12}, [5] = {0, 12},
		[6] = {0, 8},  [13] = {0, 8}, [14] = {4, 0}, [15] = {0, 12},
		[17] = {4, 0}, [19] = {0, 12}};
	const uint32_t head[] = {0x1eb9f,
				 32,
				 0,
				 sizeof(types_of),
				 sizeof(types_of) + sizeof(layouts),
				 sizeof(strings),
				 sizeof(types_of),
				 sizeof(layouts)};
	size_t bytes = sizeof(head) + sizeof(types_of) + sizeof(layouts) +
		       sizeof(strings);
	char *data = malloc(bytes), *at = data;
	struct types types = {0};

	at = mempcpy(at, head, sizeof(head));
	at = mempcpy(at, types_of, sizeof(types_of));
	at = mempcpy(at, layouts, sizeof(layouts));
	memcpy(at, strings, sizeof(strings));
	cr_assert_eq(types_take(&types, data, bytes), 0);
	cr_expect_eq(types_parameter(&types, "a", 0), TYPES_UNKNOWN);
	cr_expect_eq(types_parameter(&types, "a", 1), TYPES_NONE);
	cr_expect_eq(types_parameter(&types, "b", 0), TYPES_UNKNOWN);
	cr_expect_eq(types_parameter(&types, "c", 1), TYPES_UNKNOWN);
	types_close(&types);
}

/* The kernel's: struct thing, struct of_kernel (const struct thing *). */
static struct btf *make_base(void)
{
	struct btf *btf = btf__new_empty();
	int thing = btf__add_struct(btf, "thing", 8), pointer;

	pointer = btf__add_ptr(btf, btf__add_const(btf, thing));
	btf__add_func_proto(btf, 0);
	btf__add_func_param(btf, "thing", pointer);
	btf__add_func(btf, "of_kernel", BTF_FUNC_STATIC, (int)btf__type_cnt(btf) - 1);
	return btf;
}

/* A module's: void of_module(struct thing *, const struct thing *, int (*)(void)). */
static struct btf *make_split(struct btf *base)
{
	struct btf *btf = btf__new_empty_split(base);
	int thing = btf__find_by_name_kind(base, "thing", BTF_KIND_STRUCT);
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int writable = btf__add_ptr(btf, thing);
	int constant = btf__add_ptr(btf, btf__add_const(btf, thing));
	int called = btf__add_ptr(btf, btf__add_func_proto(btf, number));

	btf__add_enum(btf, "number", 4);
	btf__add_enum_value(btf, "ONE", 1);
	btf__add_array(btf, number, number, 3);
	btf__add_func(btf, "of_module", BTF_FUNC_GLOBAL, btf__add_func_proto(btf, 0));
	/* libbpf adds parameters to the last type. */
	btf__add_func_proto(btf, 0);
	btf__add_func_param(btf, "a", writable);
	btf__add_func_param(btf, "b", constant);
	btf__add_func_param(btf, "c", called);
	btf__add_func(btf, "other_of_module", BTF_FUNC_GLOBAL,
		      (int)btf__type_cnt(btf) - 1);
	return btf;
}

struct made {
	struct btf *base, *split;
	const void *base_data, *data;
	uint32_t base_bytes, bytes;
};

static struct made make(void)
{
	struct made made = {.base = make_base()};

	made.split = make_split(made.base);
	made.base_data = btf__raw_data(made.base, &made.base_bytes);
	made.data = btf__raw_data(made.split, &made.bytes);
	return made;
}

static void expect_parameters(struct types *types)
{
	cr_expect_eq(types_parameter(types, "other_of_module", 0), TYPES_WRITABLE);
	cr_expect_eq(types_parameter(types, "other_of_module", 1), TYPES_CONST);
	cr_expect_eq(types_parameter(types, "other_of_module", 2), TYPES_CONST);
	cr_expect_eq(types_parameter(types, "other_of_module", 3), TYPES_NONE);
	cr_expect_eq(types_parameter(types, "of_module", 0), TYPES_NONE);
	/* The base's functions are the base's to tell. */
	cr_expect_eq(types_parameter(types, "of_kernel", 0), TYPES_UNKNOWN);
}

Test(kcore_types, module_continues_the_kernels)
{
	struct made made = make();
	struct types kernel = {0}, module = {0};

	cr_assert_eq(types_take(&kernel,
				memcpy(malloc(made.base_bytes), made.base_data,
				       made.base_bytes),
				made.base_bytes),
		     0);
	cr_assert_eq(types_parse_module(&module, &kernel, made.data, made.bytes, NULL, 0),
		     0);
	expect_parameters(&module);
	cr_expect_eq(types_parameter(&kernel, "of_kernel", 0), TYPES_CONST);
	types_close(&module);
	types_close(&kernel);
	btf__free(made.split);
	btf__free(made.base);
}

/* With a base of its own (.BTF.base) the kernel's is not asked. */
Test(kcore_types, module_continues_a_base_of_its_own)
{
	struct made made = make();
	struct types kernel = {0}, module = {0};

	cr_expect_eq(types_parse_module(&module, &kernel, made.data, made.bytes, NULL, 0),
		     -ENOENT);
	cr_assert_eq(types_parse_module(&module, &kernel, made.data, made.bytes,
					made.base_data, made.base_bytes),
		     0);
	expect_parameters(&module);
	types_close(&module);
	btf__free(made.split);
	btf__free(made.base);
}

/* Damaged: no crash, no overread (with the sanitizers). */
Test(kcore_types, module_damaged)
{
	struct made made = make();
	struct types kernel = {0};
	unsigned seed = 7;

	cr_assert_eq(types_take(&kernel,
				memcpy(malloc(made.base_bytes), made.base_data,
				       made.base_bytes),
				made.base_bytes),
		     0);
	for (int round = 0; round < 20000; round++) {
		/* Just as large as it is, for the sanitizer to see the end. */
		uint32_t bytes = round % 4 ? made.bytes
					   : (uint32_t)round / 4 % made.bytes;
		unsigned char *data = malloc(bytes + 1);
		struct types module = {0};

		memcpy(data, made.data, bytes);
		for (int i = 0; i < 1 + round % 3 && bytes; i++) {
			seed = seed * 1103515245 + 12345;
			data[(seed >> 8) % bytes] = (unsigned char)(seed >> 24);
		}
		if (types_parse_module(&module, &kernel, data, bytes, NULL, 0) == 0)
			types_parameter(&module, "other_of_module", 1);
		types_close(&module);
		free(data);
	}
	types_close(&kernel);
	btf__free(made.split);
	btf__free(made.base);
}
