/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/value.h"

#include <criterion/criterion.h>

#include "insn/code.h"

static struct value hot(uint64_t n)
{
	return (struct value){
		.n = n, .kind = VALUE_EXACT, .flags = VALUE_HOT | VALUE_ADDRESS};
}

static const uint64_t OBJECT = 0xffffffff81000000;

Test(dataflow_value, constants_are_folded_in_their_width)
{
	static const struct {
		int op;
		uint64_t a, b;
		unsigned width;
		uint64_t result;
	} cases[] = {
		{INSN_ADD, 1, UINT64_MAX, 8, 0},
		{INSN_ADD, 0xffffffff, 1, 4, 0},
		{INSN_SUB, 0, 1, 4, 0xffffffff},
		{INSN_AND, 0xff0f, 0x0ff0, 8, 0x0f00},
		{INSN_SHL, 1, 33, 4, 2},
		{INSN_SHR, 0xffffffff00000000, 4, 4, 0},
		{INSN_SAR, 0x80000000, 31, 4, 0xffffffff},
		{INSN_IMUL, 40, 3, 8, 120},
		{INSN_BTR, 0x80050033, 16, 8, 0x80040033},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct value got = value_operate(cases[i].op, value_exact(cases[i].a),
						 value_exact(cases[i].b), cases[i].width);

		cr_expect_eq(got.kind, VALUE_EXACT, "case %zu", i);
		cr_expect_eq(got.n, cases[i].result, "case %zu: %lx", i, got.n);
	}
}

Test(dataflow_value, an_index_stays_in_the_object)
{
	struct value near = value_operate(INSN_ADD, hot(OBJECT), value_top(), 8);

	cr_expect_eq(near.kind, VALUE_NEAR);
	cr_expect(near.flags & VALUE_HOT);
	cr_expect_eq(value_operate(INSN_ADD, value_exact(OBJECT), value_top(), 8).kind,
		     VALUE_TOP, "a number that is no address");
	cr_expect_eq(value_operate(INSN_SUB, value_top(), hot(OBJECT), 8).kind,
		     VALUE_TOP);
	cr_expect_not(value_operate(INSN_SUB, hot(OBJECT + 8), hot(OBJECT), 8).flags &
		      VALUE_HOT);
	cr_expect_not(
		value_operate(INSN_AND, hot(OBJECT + 8), value_exact(0xfff), 8).flags &
		VALUE_ADDRESS);
}

Test(dataflow_value, joins_keep_what_is_hot_and_say_so)
{
	struct value joined = value_join(hot(OBJECT), value_exact(5));

	cr_expect_eq(joined.n, OBJECT);
	cr_expect(joined.flags & VALUE_MAY);
	joined = value_join(hot(OBJECT + 8), hot(OBJECT));
	cr_expect_eq(joined.n, OBJECT);
	cr_expect(joined.flags & VALUE_MAY);
	cr_expect_not(value_join(hot(OBJECT), hot(OBJECT)).flags & VALUE_MAY);
	cr_expect_eq(value_join(value_exact(1), value_exact(2)).kind, VALUE_TOP);
}

Test(dataflow_value, cr0_is_followed_to_its_wp)
{
	struct value cr0 = {.flags = VALUE_CR0};
	struct value cleared = value_operate(INSN_AND, cr0, value_exact(~0x10000ULL), 8);

	cr_expect(cleared.flags & VALUE_WP_CLEAR);
	cr_expect(value_operate(INSN_BTR, cr0, value_exact(16), 8).flags &
		  VALUE_WP_CLEAR);
	cr_expect_not(value_operate(INSN_AND, cr0, value_exact(~8ULL), 8).flags &
		      VALUE_WP_CLEAR);
	cr_expect_not(value_operate(INSN_OR, cleared, value_exact(0x10000), 8).flags &
		      VALUE_WP_CLEAR);
}

/* Conditions as encoded: 2 b, 3 ae, 4 e, 5 ne, 6 be, 7 a, 8 s, 9 ns, 12 l, 13 ge, ... */
Test(dataflow_value, branches_go_as_on_the_cpu)
{
	static const struct {
		unsigned condition;
		enum value_flags_of of;
		uint64_t a, b;
		unsigned width;
		int goes;
	} cases[] = {
		{4, VALUE_OF_CMP, 5, 5, 8, 1},
		{5, VALUE_OF_CMP, 5, 5, 8, 0},
		{4, VALUE_OF_TEST, 0, 0, 8, 1},
		{5, VALUE_OF_TEST, 1, 1, 8, 1},
		{2, VALUE_OF_CMP, 1, 2, 8, 1},
		{7, VALUE_OF_CMP, UINT64_MAX, 1, 8, 1},
		{12, VALUE_OF_CMP, UINT64_MAX, 1, 8, 1},
		{12, VALUE_OF_CMP, 0xffffffff, 1, 8, 0},
		{12, VALUE_OF_CMP, 0xffffffff, 1, 4, 1},
		{8, VALUE_OF_TEST, 0x80, 0x80, 1, 1},
		{9, VALUE_OF_TEST, 0x80, 0x80, 4, 1},
		{14, VALUE_OF_CMP, 3, 3, 4, 1},
		{15, VALUE_OF_CMP, 3, 3, 4, 0},
		{0, VALUE_OF_CMP, 3, 3, 4, -1},
		{16, VALUE_OF_CMP, 3, 3, 4, -1},
		/* Of a sum: carry, overflow, zero. */
		{2, VALUE_OF_SUM, 0x80000000, 0xffffffff9acb1640, 8, 1},
		{3, VALUE_OF_SUM, 1, 2, 8, 1},
		{2, VALUE_OF_SUM, 0xffffffff, 1, 4, 1},
		{2, VALUE_OF_SUM, 0xffffffff, 1, 8, 0},
		{4, VALUE_OF_SUM, 0xffffffff, 1, 4, 1},
		{7, VALUE_OF_SUM, 0xffffffff, 1, 4, 0},
		{12, VALUE_OF_SUM, 0x7fffffff, 1, 4, 0},
		{8, VALUE_OF_SUM, 0x7fffffff, 1, 4, 1},
		{12, VALUE_OF_SUM, 0x80000000, 0x80000000, 4, 1},
		{14, VALUE_OF_SUM, (uint64_t)-3, 3, 8, 1},
		/* Of what a shift or dec has left, only this. */
		{5, VALUE_OF_RESULT, 5, 5, 8, 1},
		{8, VALUE_OF_RESULT, 0x80000000, 0, 4, 1},
		{2, VALUE_OF_RESULT, 5, 5, 8, -1},
		{7, VALUE_OF_RESULT, 5, 5, 8, -1},
		{12, VALUE_OF_RESULT, 5, 5, 8, -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(value_decide(cases[i].condition, cases[i].of,
					  value_exact(cases[i].a),
					  value_exact(cases[i].b), cases[i].width),
			     cases[i].goes, "case %zu", i);
	cr_expect_eq(value_decide(4, VALUE_OF_CMP, value_top(), value_exact(0), 8), -1);
}

Test(dataflow_value, a_result_is_known_better_behind_a_branch)
{
	struct value result = {.n = OBJECT, .kind = VALUE_RESULT, .serial = 3};
	struct value failed = value_refine(result, 8, true);
	struct value fine = value_refine(result, 8, false);

	cr_expect_eq(value_decide(8, VALUE_OF_TEST, result, result, 4), -1);
	cr_expect_eq(value_decide(12, VALUE_OF_TEST, failed, failed, 4), 1);
	cr_expect_eq(value_decide(8, VALUE_OF_TEST, fine, fine, 4), 0);
	cr_expect_eq(value_decide(5, VALUE_OF_TEST, failed, failed, 4), 1);
	cr_expect_eq(value_refine(result, 4, true).kind, VALUE_EXACT);
	cr_expect_eq(value_decide(8, VALUE_OF_TEST, value_join(failed, fine),
				  value_join(failed, fine), 4),
		     -1);
}
