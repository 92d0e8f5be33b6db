/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/btfcheck.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/btf.h"

static struct types kernel;
static unsigned char *data; /* of the module */
static size_t size_bytes;

enum { HEAD_BYTES = 24 };

static unsigned char *copy(struct btf *btf, size_t *ret)
{
	__u32 nr;
	const void *raw = btf__raw_data(btf, &nr);
	unsigned char *bytes = malloc(nr);

	memcpy(bytes, raw, nr);
	*ret = nr;
	return bytes;
}

/* The kernel's: int, struct known. The module's: a typedef of int, a structure, a
 * function. */
static void setup(void)
{
	struct btf *base = btf__new_empty(), *split;
	size_t nr;
	char *bytes;
	int number = btf__add_int(base, "int", 4, 0), type, prototype;

	btf__add_struct(base, "known", 4);
	btf__add_field(base, "first", number, 0, 0);
	bytes = (char *)copy(base, &nr);
	cr_assert_eq(types_take(&kernel, bytes, nr), 0);
	split = btf__new_empty_split(base);
	type = btf__add_typedef(split, "number", number);
	btf__add_struct(split, "own", 8);
	btf__add_field(split, "a", type, 0, 0);
	btf__add_field(split, "b", number, 32, 0);
	prototype = btf__add_func_proto(split, number);
	btf__add_func(split, "function", BTF_FUNC_STATIC, prototype);
	data = copy(split, &size_bytes);
	btf__free(split);
	btf__free(base);
}

static void teardown(void)
{
	types_close(&kernel);
	free(data);
}

TestSuite(kcore_btfcheck, .init = setup, .fini = teardown);

static const char *check(void)
{
	const char *why = NULL;
	int r = btfcheck_module(&kernel, data, size_bytes, NULL, 0, &why);

	cr_assert_eq(r, why ? -EINVAL : 0);
	return why ?: "";
}

/* The word at @at behind the head is @value for one check. */
static const char *with(size_t at, uint32_t value)
{
	uint32_t was;
	const char *why;

	memcpy(&was, data + HEAD_BYTES + at, sizeof(was));
	memcpy(data + HEAD_BYTES + at, &value, sizeof(value));
	why = check();
	memcpy(data + HEAD_BYTES + at, &was, sizeof(was));
	return why;
}

Test(kcore_btfcheck, what_the_kernel_takes)
{
	struct types none = {0};
	const char *why;

	cr_expect_str_eq(check(), "");
	cr_expect_eq(btfcheck_module(&none, data, size_bytes, NULL, 0, &why), -ENOTSUP);
}

/* The typedef at 0 {name, info, type}; the structure at 12, its members at 24 and 36. */
Test(kcore_btfcheck, what_it_does_not_take)
{
	cr_expect_str_eq(with(0, 0xffffff), "Invalid name_offset");
	cr_expect_str_eq(with(0, 0), "Invalid name");
	cr_expect_str_eq(with(8, 4711), "Invalid type_id");
	cr_expect_str_eq(with(8, 3), "Max chain length or cycle detected");
	cr_expect_str_eq(with(24, 0xffffff), "Invalid member name_offset");
	cr_expect_str_eq(with(28, 0), "Invalid type_id of a member");
	cr_expect_str_eq(with(32, 64), "Invalid member bits_offset");
	cr_expect_str_eq(with(44, 4096), "Member bits_offset exceeds its struct size");
	/* const with a name. */
	cr_expect_str_eq(with(4, 10U << 24), "Invalid name");
	cr_expect_str_eq(check(), "");
}

Test(kcore_btfcheck, a_head_that_does_not_fit)
{
	data[0] ^= 1;
	cr_expect_str_eq(check(), "it is damaged");
	data[0] ^= 1;
	size_bytes--;
	cr_expect_str_eq(check(), "Unsupported section found");
	size_bytes = 8;
	cr_expect_str_eq(check(), "btf_header not found");
}

/* A distilled base: its structures have to be the kernel's. */
Test(kcore_btfcheck, a_base_of_its_own)
{
	static const char *const names[] = {"known", "unknown"};

	for (size_t i = 0; i < 2; i++) {
		struct btf *base = btf__new_empty(), *split;
		unsigned char *base_bytes, *bytes;
		size_t nr_base, nr;
		const char *why = NULL;
		int number = btf__add_int(base, "int", 4, 0);

		btf__add_struct(base, names[i], 4);
		split = btf__new_empty_split(base);
		btf__add_typedef(split, "number", number);
		base_bytes = copy(base, &nr_base);
		bytes = copy(split, &nr);
		cr_expect_eq(
			btfcheck_module(&kernel, bytes, nr, base_bytes, nr_base, &why),
			i ? -EINVAL : 0, "%s", why);
		btf__free(split);
		btf__free(base);
		free(base_bytes);
		free(bytes);
	}
}
