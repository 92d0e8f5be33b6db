/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/callee.h"

#include <criterion/criterion.h>

Test(dataflow_callee, the_table_is_searched_in_order)
{
	static const char *const names[] = {
		"__bitmap_and", "__memcpy",	"_printk",   "kallsyms_lookup_name",
		"panic",	"stop_machine", "text_poke", "vmap",
		"vsprintf"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct callee *callee = callee_find(names[i]);

		cr_assert_not_null(callee, "%s", names[i]);
		cr_expect_str_eq(callee->name, names[i]);
	}
	cr_expect_null(callee_find(""));
	cr_expect_null(callee_find("kfree"));
	cr_expect_eq(callee_find("panic")->kind, CALLEE_NO_RETURN);
	cr_expect_eq(callee_find("memcpy")->writes, 1);
}

Test(dataflow_callee, thunks)
{
	unsigned reg = 99;

	cr_expect(callee_is_indirect_thunk("__x86_indirect_thunk_rax", &reg));
	cr_expect_eq(reg, 0);
	cr_expect(callee_is_indirect_thunk("__x86_indirect_its_thunk_r11", &reg));
	cr_expect_eq(reg, 11);
	cr_expect_not(callee_is_indirect_thunk("__x86_indirect_thunk_array", &reg));
	cr_expect_not(callee_is_indirect_thunk("__x86_return_thunk", &reg));
	cr_expect(callee_is_return_thunk("__x86_return_thunk"));
}
