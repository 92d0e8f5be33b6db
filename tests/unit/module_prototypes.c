/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/prototypes.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put(const char *folder, const char *name, const void *bytes, size_t nr)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	cr_assert_eq(fwrite(bytes, 1, nr, file), nr);
	fclose(file);
}

Test(module_prototypes, each_module_by_its_name)
{
	char folder[] = "/tmp/kwcheck-btf-XXXXXX", command[64];
	struct btf *base = btf__new_empty(), *split;
	struct types kernel = {0};
	struct prototypes prototypes;
	const void *data;
	uint32_t bytes;
	int thing = btf__add_struct(base, "thing", 8), pointer;

	cr_assert_not_null(mkdtemp(folder));
	data = btf__raw_data(base, &bytes);
	put(folder, "vmlinux", data, bytes);
	cr_assert_eq(types_take(&kernel, memcpy(malloc(bytes), data, bytes), bytes), 0);
	split = btf__new_empty_split(base);
	pointer = btf__add_ptr(split, thing);
	btf__add_func_proto(split, 0);
	btf__add_func_param(split, "thing", pointer);
	btf__add_func(split, "takes_thing", BTF_FUNC_GLOBAL,
		      (int)btf__type_cnt(split) - 1);
	data = btf__raw_data(split, &bytes);
	put(folder, "good", data, bytes);
	put(folder, "damaged", "what", 4);

	cr_assert_eq(prototypes_open(&prototypes, folder), 0);
	cr_expect_eq(prototypes.nr, 2);
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(prototypes_parameter(&prototypes, &kernel, "good",
						  "takes_thing", 0),
			     TYPES_WRITABLE);
		cr_expect_eq(prototypes_parameter(&prototypes, &kernel, "damaged",
						  "takes_thing", 0),
			     TYPES_UNKNOWN);
		cr_expect_eq(prototypes_parameter(&prototypes, &kernel, "other",
						  "takes_thing", 0),
			     TYPES_UNKNOWN);
	}
	prototypes_close(&prototypes);
	types_close(&kernel);
	btf__free(split);
	btf__free(base);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}

Test(module_prototypes, no_such_folder)
{
	struct prototypes prototypes;

	cr_assert_eq(prototypes_open(&prototypes, "/nonexistent"), 0);
	cr_expect_eq(prototypes.nr, 0);
	prototypes_close(&prototypes);
}
