/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a register or of a piece of memory at some place in the code. */
#include "dataflow/value.h"

#include "insn/code.h"

enum { CR0_WP_BIT = 16 };

/* Flags that outlive arithmetic. */
enum {
	KEPT = VALUE_HOT | VALUE_MAY | VALUE_LOOKED_UP | VALUE_GUESSED | VALUE_INITIAL |
	       VALUE_TABLE | VALUE_PARAMETER,
};

/* Flags that branches have shown. A join keeps them only if both sides have them. */
enum { SHOWN = VALUE_NEGATIVE | VALUE_POSITIVE | VALUE_NOT_ZERO };

struct value value_join(struct value a, struct value b)
{
	bool a_hot = a.flags & VALUE_HOT || a.kind == VALUE_ALIAS;
	bool b_hot = b.flags & VALUE_HOT || b.kind == VALUE_ALIAS;
	struct value joined;

	if (a.kind == b.kind && a.n == b.n && a.serial == b.serial) {
		a.flags = ((a.flags | b.flags) & ~SHOWN) | (a.flags & b.flags & SHOWN);
		return a;
	}
	if (a_hot || b_hot) {
		joined = !b_hot || (a_hot && a.n < b.n) ? a : b;
		joined.flags |= VALUE_MAY;
		return joined;
	}
	joined = value_top();
	joined.flags = (a.flags | b.flags) & VALUE_TABLE;
	return joined;
}

static uint64_t mask(unsigned width)
{
	return width >= 8 ? UINT64_MAX : (1ULL << 8 * width) - 1;
}

struct value value_truncate(struct value value, unsigned width)
{
	if (width >= 8)
		return value;
	if (value.kind == VALUE_EXACT) {
		value.n &= mask(width);
		value.flags &= (uint16_t) ~(VALUE_HOT | VALUE_ADDRESS);
		return value;
	}
	if (value.kind == VALUE_LOW)
		return width <= value.serial ? value_exact(value.n & mask(width))
					     : value_top();
	/* An int is returned in 32 bits. CR0 has no more. */
	if (width == 4 && (value.kind == VALUE_RESULT || value.flags & VALUE_CR0))
		return value;
	return (struct value){.flags = value.flags & VALUE_TABLE};
}

static int64_t as_signed(uint64_t n, unsigned width)
{
	unsigned shift = width >= 8 ? 0 : 64 - 8 * width;

	return (int64_t)(n << shift) >> shift;
}

struct value value_sign_extend(struct value value, unsigned from, unsigned to)
{
	if (value.kind == VALUE_EXACT && from) {
		value.n = (uint64_t)as_signed(value.n, from) & mask(to);
		value.flags &= (uint16_t) ~(VALUE_HOT | VALUE_ADDRESS);
		return value;
	}
	return from == 4 && value.kind == VALUE_RESULT ? value : value_top();
}

static bool fold(int op, uint64_t a, uint64_t b, unsigned width, uint64_t *ret)
{
	unsigned count = value_shift_count(b, width);
	unsigned bit = (unsigned)(b & (8 * width - 1));

	switch (op) {
	case INSN_ADD:
		*ret = a + b;
		break;
	case INSN_SUB:
		*ret = a - b;
		break;
	case INSN_AND:
		*ret = a & b;
		break;
	case INSN_OR:
		*ret = a | b;
		break;
	case INSN_XOR:
		*ret = a ^ b;
		break;
	case INSN_SHL:
		*ret = a << count;
		break;
	case INSN_SHR:
		*ret = (a & mask(width)) >> count;
		break;
	case INSN_SAR:
		*ret = (uint64_t)(as_signed(a, width) >> count);
		break;
	case INSN_IMUL:
		*ret = a * b;
		break;
	case INSN_BTC:
		*ret = a ^ 1ULL << bit;
		break;
	case INSN_BTR:
		*ret = a & ~(1ULL << bit);
		break;
	case INSN_BTS:
		*ret = a | 1ULL << bit;
		break;
	default:
		return false;
	}
	*ret &= mask(width);
	return true;
}

enum value_wp value_wp(struct value value)
{
	if (value.flags & VALUE_WP_CLEAR)
		return VALUE_CLEARS_WP;
	if (value.flags & VALUE_CR0)
		return VALUE_SETS_WP;
	if (!value_is_exact(value))
		return VALUE_WP_UNKNOWN;
	return value.n & X86_CR0_WP ? VALUE_SETS_WP : VALUE_CLEARS_WP;
}

/* CR0 as it was read, with the operation's constant applied to its WP. */
static struct value operate_cr0(int op, struct value a, struct value b)
{
	bool clears = (op == INSN_AND && !(b.n & X86_CR0_WP)) ||
		      (op == INSN_BTR && b.n == CR0_WP_BIT) ||
		      (op == INSN_XOR && b.n & X86_CR0_WP && !(a.flags & VALUE_WP_CLEAR));
	bool sets = (op == INSN_OR && b.n & X86_CR0_WP) ||
		    (op == INSN_BTS && b.n == CR0_WP_BIT) ||
		    (op == INSN_XOR && b.n & X86_CR0_WP && a.flags & VALUE_WP_CLEAR);

	if (!value_is_exact(b))
		return value_top();
	if (clears)
		a.flags |= VALUE_WP_CLEAR;
	if (sets)
		a.flags &= (uint16_t)~VALUE_WP_CLEAR;
	return a;
}

/* An object's address plus something unknown is still inside the object. */
static struct value operate_address(int op, struct value a, struct value b)
{
	bool a_near = a.kind == VALUE_NEAR ||
		      (a.kind == VALUE_EXACT && a.flags & VALUE_ADDRESS);
	bool b_near = b.kind == VALUE_NEAR ||
		      (b.kind == VALUE_EXACT && b.flags & VALUE_ADDRESS);
	struct value near = value_top();

	if (op == INSN_ADD && a_near != b_near)
		near = a_near ? a : b;
	else if (op == INSN_SUB && a_near && !b_near)
		near = a;
	else
		return near;
	near.kind = VALUE_NEAR;
	return near;
}

struct value value_operate(int op, struct value a, struct value b, unsigned width)
{
	struct value result = value_top();
	uint16_t table = (a.flags | b.flags) & VALUE_TABLE;

	if (a.flags & VALUE_CR0)
		return operate_cr0(op, a, b);
	if (b.flags & VALUE_CR0 && op != INSN_SUB)
		return operate_cr0(op, b, a);
	if (value_is_exact(a) && value_is_exact(b)) {
		if (!fold(op, a.n, b.n, width, &result.n))
			return value_top();
		result.kind = VALUE_EXACT;
		result.flags = (a.flags | b.flags) & (KEPT | VALUE_ADDRESS);
		/* The difference of two addresses is none, nor is an offset in a page. */
		if (width < 8 || !(result.n >> 63) ||
		    (op == INSN_SUB && a.flags & b.flags & VALUE_ADDRESS))
			result.flags &= (uint16_t) ~(VALUE_HOT | VALUE_ADDRESS);
		return result;
	}
	if (width == 8)
		result = operate_address(op, a, b);
	if (result.kind == VALUE_NEAR && !(result.flags & VALUE_TABLE))
		return result;
	/* A mapping's address plus or minus an offset is in it. */
	if (width == 8 && op == INSN_ADD && a.kind == VALUE_ALIAS && value_is_exact(b)) {
		a.n += b.n;
		return a;
	}
	if (width == 8 && op == INSN_ADD && b.kind == VALUE_ALIAS && value_is_exact(a)) {
		b.n += a.n;
		return b;
	}
	if (width == 8 && op == INSN_ADD &&
	    (a.kind == VALUE_ALIAS) != (b.kind == VALUE_ALIAS))
		return a.kind == VALUE_ALIAS ? a : b;
	if (op == INSN_XOR || op == INSN_IMUL)
		table = 0;
	return (struct value){.flags = table};
}

/* Signs, carries and so on as the CPU would have them: Intel SDM vol. 1 appendix B. */
static int decide_exact(unsigned condition, enum value_flags_of of, uint64_t a,
			uint64_t b, unsigned width)
{
	int64_t sa = as_signed(a, width), sb = as_signed(b, width);
	uint64_t ua = a & mask(width), ub = b & mask(width), result;
	bool zero, carry = false, sign, less;
	int answer;

	switch (of) {
	case VALUE_OF_CMP:
		result = ua - ub;
		carry = ua < ub;
		break;
	case VALUE_OF_TEST:
		result = ua & ub;
		break;
	case VALUE_OF_SUM:
		result = (ua + ub) & mask(width);
		carry = result < ua;
		break;
	default:
		result = ua;
		if (condition >> 1 != 2 && condition >> 1 != 4)
			return -1;
		break;
	}
	zero = (result & mask(width)) == 0;
	sign = less = as_signed(result, width) < 0;
	if (of == VALUE_OF_CMP)
		less = sa < sb;
	else if (of == VALUE_OF_SUM && (sa < 0) == (sb < 0))
		less = sa < 0; /* the sum that overflows is as negative as they are */
	switch (condition >> 1) {
	case 1:
		answer = carry;
		break;
	case 2:
		answer = zero;
		break;
	case 3:
		answer = carry || zero;
		break;
	case 4:
		answer = sign;
		break;
	case 6:
		answer = less;
		break;
	case 7:
		answer = less || zero;
		break;
	default: /* overflow, parity */
		return -1;
	}
	return condition & 1 ? !answer : answer;
}

/* Does a branch go on a result of which branches before have shown something? */
static int decide_shown(unsigned condition, struct value value)
{
	bool is_negative = value.flags & VALUE_NEGATIVE;
	bool is_positive = value.flags & VALUE_POSITIVE;
	bool is_not_zero = value.flags & (VALUE_NOT_ZERO | VALUE_NEGATIVE);
	int answer = -1;

	switch (condition >> 1) {
	case 2: /* e, ne */
		answer = is_not_zero ? 0 : -1;
		break;
	case 4: /* s, ns */
	case 6: /* l, ge */
		answer = is_negative ? 1 : is_positive ? 0 : -1;
		break;
	case 7: /* le, g */
		answer = is_negative ? 1 : is_positive && is_not_zero ? 0 : -1;
		break;
	default:
		break;
	}
	return answer < 0 || !(condition & 1) ? answer : !answer;
}

struct value value_refine(struct value value, unsigned condition, bool goes)
{
	bool holds = goes != (condition & 1);

	switch (condition >> 1) {
	case 2:
		if (holds)
			return (struct value){.kind = VALUE_EXACT,
					      .flags = VALUE_RETURNED};
		value.flags |= VALUE_NOT_ZERO;
		break;
	case 4:
	case 6:
		value.flags |= holds ? VALUE_NEGATIVE : VALUE_POSITIVE;
		break;
	case 7:
		if (!holds)
			value.flags |= VALUE_POSITIVE | VALUE_NOT_ZERO;
		break;
	default:
		break;
	}
	return value;
}

int value_decide(unsigned condition, enum value_flags_of of, struct value a,
		 struct value b, unsigned width)
{
	bool is_test = of == VALUE_OF_TEST;
	bool is_equality = condition == 4 || condition == 5;

	if (condition > 15 || (a.flags | b.flags) & VALUE_MAY)
		return -1;
	if (value_is_exact(a) && value_is_exact(b))
		return decide_exact(condition, of, a.n, b.n, width);
	if (a.kind == VALUE_RESULT && of <= VALUE_OF_TEST &&
	    (is_test ? value_equal(a, b) : value_is_exact(b) && b.n == 0))
		return decide_shown(condition, a);
	/* An object's address is not NULL. */
	if (is_equality && is_test && width == 8 && a.kind == VALUE_NEAR &&
	    value_equal(a, b))
		return condition == 5;
	return -1;
}
