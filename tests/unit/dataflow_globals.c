/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/globals.h"

#include <criterion/criterion.h>

static const uint64_t VARIABLE = 0xffffffffc0001000;

static struct value hot(uint64_t n)
{
	return (struct value){.n = n, .kind = VALUE_EXACT, .flags = VALUE_HOT};
}

Test(dataflow_globals, what_is_precious_is_kept)
{
	static struct globals globals;

	cr_expect_not(globals_note(&globals, VARIABLE, value_exact(7)));
	cr_expect_null(globals_find(&globals, VARIABLE));
	cr_expect_not(globals.has_changed);
	cr_expect(globals_note(&globals, VARIABLE, hot(0xffffffff81200000)));
	cr_expect(globals.has_changed);
	cr_assert_not_null(globals_find(&globals, VARIABLE));
	cr_expect_eq(globals_find(&globals, VARIABLE)->value.n, 0xffffffff81200000);
	cr_expect_null(globals_find(&globals, VARIABLE + 8));
	globals.has_changed = false;
	cr_expect_not(globals_note(&globals, VARIABLE, hot(0xffffffff81200000)));
	cr_expect_not(globals.has_changed, "nothing new");
	cr_expect_not(globals_note(&globals, VARIABLE, hot(0xffffffff81200008)));
	cr_expect(globals.has_changed);
	cr_expect(globals_find(&globals, VARIABLE)->value.flags & VALUE_MAY);
}

Test(dataflow_globals, null_takes_nothing_away)
{
	static struct globals globals;

	globals_note(&globals, VARIABLE, hot(0xffffffff81200000));
	globals.has_changed = false;
	globals_note(&globals, VARIABLE, value_exact(0));
	cr_expect_not(globals_find(&globals, VARIABLE)->has_other);
	cr_expect_not(globals.has_changed);
	globals_note(&globals, VARIABLE, value_top());
	cr_expect(globals_find(&globals, VARIABLE)->has_other);
	cr_expect(globals.has_changed);
	cr_expect_eq(globals_find(&globals, VARIABLE)->value.n, 0xffffffff81200000);
}

Test(dataflow_globals, a_full_table_takes_no_more)
{
	static struct globals globals;
	uint64_t va = VARIABLE;

	for (size_t i = 0; i < GLOBALS_ROOM; i++, va += 8)
		cr_assert(globals_note(&globals, va, hot(0xffffffff81200000)));
	cr_expect_not(globals_note(&globals, va, hot(0xffffffff81200000)));
	cr_expect_null(globals_find(&globals, va));
	for (va = VARIABLE; va < VARIABLE + 8 * GLOBALS_ROOM; va += 8)
		cr_expect_not_null(globals_find(&globals, va));
}
