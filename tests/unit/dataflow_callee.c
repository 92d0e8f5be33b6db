/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/callee.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const names[] = {
#define CALLEE(function, what, effect) #function,
#include "dataflow/callees.def"
#undef CALLEE
};

Test(dataflow_callee, all_ascend_and_are_found)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct callee *callee = callee_find(names[i]);

		cr_assert_not_null(callee, "%s", names[i]);
		cr_expect_str_eq(callee->name, names[i]);
		if (i > 0)
			cr_expect_lt(strcmp(names[i - 1], names[i]), 0, "%s", names[i]);
	}
}

Test(dataflow_callee, what_they_do)
{
	cr_expect_null(callee_find(""));
	cr_expect_null(callee_find("kfree"));
	cr_expect_null(callee_find("memcp"));
	cr_expect_null(callee_find("memcpy_"));
	cr_expect_eq(callee_find("panic")->kind, CALLEE_NO_RETURN);
	cr_expect_eq(callee_find("memcpy")->kind, CALLEE_PLAIN);
	cr_expect_eq(callee_find("memcpy")->writes, 1);
	cr_expect(!callee_find("memcpy")->is_pure);
	cr_expect(callee_find("strcmp")->is_pure);
	cr_expect_eq(callee_find("vmap")->kind, CALLEE_VMAP);
	cr_expect_eq(callee_find("vmap")->writes, 0);
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
