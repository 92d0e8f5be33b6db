/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a register or of a piece of memory at some place in the code. */
#ifndef KWCHECK_DATAFLOW_VALUE_H
#define KWCHECK_DATAFLOW_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum value_kind {
	VALUE_TOP = 0, /* anything */
	VALUE_EXACT,   /* n */
	VALUE_NEAR,    /* somewhere in the object that n lies in */
	VALUE_RESULT,  /* what the function at n returned */
	VALUE_LOW, /* anything, but for the lowest bytes (serial of them), which are n */
	VALUE_ALIAS, /* a second, writable mapping of the sealed address n */
};

enum value_flag {
	/* The address of sealed memory that is not the module's. Joins do not lose it. */
	VALUE_HOT = 1 << 0,
	VALUE_MAY = 1 << 1,	  /* the value is so on some paths only */
	VALUE_ADDRESS = 1 << 2,	  /* the address of an object: an index may be added */
	VALUE_LOOKED_UP = 1 << 3, /* kallsyms gave it for a string */
	VALUE_GUESSED = 1 << 4,	  /* an unknown function gave it, perhaps for a string */
	VALUE_INITIAL = 1 << 5,	  /* what .data held when the module was built */
	VALUE_TABLE = 1 << 6,	  /* a page-table entry, or the address of one */
	VALUE_CR0 = 1 << 7,	  /* CR0 as it was read, ... */
	VALUE_WP_CLEAR = 1 << 8,  /* ... but for WP */
	VALUE_PARAMETER = 1 << 9, /* a module parameter says so */
	VALUE_RETURNED = 1 << 10, /* what a function of the module returned */
	VALUE_NEGATIVE = 1 << 11, /* a VALUE_RESULT, as a branch has shown */
	VALUE_POSITIVE = 1 << 12,
	VALUE_NOT_ZERO = 1 << 13,
};

struct value {
	uint64_t n;
	uint16_t flags;
	uint8_t kind;
	uint8_t serial; /* of a VALUE_RESULT: tells two calls of one function apart */
	uint32_t zero;	/* no padding: values are compared as bytes */
};

/* The stack of the code in question, as addresses that nothing else has. */
static const uint64_t VALUE_STACK = 0x00007f0000000000;
static const uint64_t VALUE_STACK_REACH = 1 << 24;

/* Memory that the module has allocated, likewise. */
static const uint64_t VALUE_HEAP = 0x00007e0000000000;
static const uint64_t VALUE_HEAP_STRIDE = 1 << 20;

static inline struct value value_top(void)
{
	return (struct value){0};
}

static inline struct value value_exact(uint64_t n)
{
	return (struct value){.n = n, .kind = VALUE_EXACT};
}

static inline bool value_is_exact(struct value value)
{
	return value.kind == VALUE_EXACT;
}

static inline bool value_equal(struct value a, struct value b)
{
	return a.n == b.n && a.flags == b.flags && a.kind == b.kind &&
	       a.serial == b.serial;
}

static inline bool value_is_stack(struct value value)
{
	return value.kind == VALUE_EXACT &&
	       value.n - (VALUE_STACK - VALUE_STACK_REACH) < 2 * VALUE_STACK_REACH;
}

/* Are both the same in all bytes? States have many values, and most are. */
static inline bool value_is_same(const struct value *a, const struct value *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Is the value worth a state of its own rather than a join? @is_exact: every constant is.
 */
static inline bool value_is_precious(const struct value *value, bool is_exact)
{
	if (value->kind == VALUE_TOP)
		return value->flags & (VALUE_TABLE | VALUE_CR0);
	return value->flags & (VALUE_HOT | VALUE_TABLE) || value->kind == VALUE_ALIAS ||
	       (is_exact && value->kind == VALUE_EXACT);
}

/* What is true of both values. A hot value wins over another, and is marked VALUE_MAY. */
struct value value_join(struct value a, struct value b);

/* By how much a shift of @width bytes by @n shifts. */
static inline unsigned value_shift_count(uint64_t n, unsigned width)
{
	return (unsigned)(n & (width == 8 ? 63 : 31));
}

/* What operation @op of enum insn_op makes of @a and @b in @width bytes. */
struct value value_operate(int op, struct value a, struct value b, unsigned width);

/* What is left of it in @width bytes, zero-extended. */
struct value value_truncate(struct value value, unsigned width);
struct value value_sign_extend(struct value value, unsigned from, unsigned to);

/* What it does to CR0.WP as a value for CR0. */
enum value_wp { VALUE_WP_UNKNOWN = 0, VALUE_CLEARS_WP, VALUE_SETS_WP };
enum value_wp value_wp(struct value value);

/* What set the flags. */
enum value_flags_of {
	VALUE_OF_CMP = 0, /* a - b */
	VALUE_OF_TEST,	  /* a & b */
	VALUE_OF_SUM,	  /* a + b */
	VALUE_OF_RESULT,  /* a, of which only the sign and whether it is zero are known */
};

/* value_decide - does a branch on @condition (0..15) go, after what @of says of @a and @b
 * in @width bytes? 1 yes, 0 no, -1 not known.
 */
int value_decide(unsigned condition, enum value_flags_of of, struct value a,
		 struct value b, unsigned width);

/* value_refine - what is left of @value, a VALUE_RESULT, once a branch on @condition
 * after "test value, value" has gone (@goes) or not
 */
struct value value_refine(struct value value, unsigned condition, bool goes);

#endif
