/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/sealednames.h"

#include <criterion/criterion.h>

Test(kcore_sealednames, objects_and_functions)
{
	static const struct {
		const char *name;
		bool is_object, is_telling;
	} rows[] = {
		{"sys_call_table", true, true},
		{"swapper_pg_dir", true, true},
		{"set_memory_rw", false, true},
		{"__SCK__lsm_static_call_file_open_0", false, true},
		{"__SCK__cond_resched", false, false},
		{"sys_call_tabl", false, false},
		{"sys_call_table2", false, false},
		{"", false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(sealednames_is_object(rows[i].name), rows[i].is_object, "%s",
			     rows[i].name);
		cr_expect_eq(sealednames_is_telling(rows[i].name), rows[i].is_telling,
			     "%s", rows[i].name);
	}
}

Test(kcore_sealednames, keys_of_hooks)
{
	cr_expect(sealednames_is_lsm_key("__SCK__lsm_static_call_file_open_0"));
	cr_expect_not(sealednames_is_lsm_key("__SCK__lsm_static_cal"));
}
