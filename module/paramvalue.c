/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's own set functions of parameters make of a value. */
#include "module/paramvalue.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

typedef struct paramvalue judge_fn(const char *value, int64_t min, uint64_t max);

static struct paramvalue rejected(int errnum)
{
	return (struct paramvalue){.status = PARAMVALUE_REJECTED, .errnum = errnum};
}

static struct paramvalue taken(uint64_t value)
{
	return (struct paramvalue){
		.status = PARAMVALUE_TAKEN, .has_value = true, .value = value};
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : UINT_MAX;
}

/* lib/kstrtox.c:_kstrtoull() with base 0: digits, and at most a newline behind them.
 * That they are too many is told before that something else follows.
 */
static int read_digits(const char *text, uint64_t *ret)
{
	unsigned base = 10;
	uint64_t value = 0;
	bool is_over = false;
	const char *at = text;

	if (text[0] == '0') {
		base = (text[1] | 0x20) == 'x' && digit_of(text[2]) < 16 ? 16 : 8;
		at += base == 16 ? 2 : 0;
	}
	for (text = at; digit_of(*at) < base; at++)
		is_over |= __builtin_mul_overflow(value, base, &value) ||
			   __builtin_add_overflow(value, digit_of(*at), &value);
	if (is_over)
		return ERANGE;
	if (at == text)
		return EINVAL;
	at += *at == '\n';
	if (*at)
		return EINVAL;
	*ret = value;
	return 0;
}

/* lib/kstrtox.c: signed ones take a '-', all take a '+', never both. */
static struct paramvalue judge_integer(const char *value, int64_t min, uint64_t max)
{
	bool is_negative = min < 0 && *value == '-';
	uint64_t magnitude;
	int errnum = read_digits(value + (is_negative || *value == '+'), &magnitude);

	if (errnum)
		return rejected(errnum);
	if (is_negative ? magnitude > (uint64_t)0 - (uint64_t)min : magnitude > max)
		return rejected(ERANGE);
	return taken(is_negative ? 0 - magnitude : magnitude);
}

/* lib/kstrtox.c:kstrtobool(). "true" and "false" came with 5.19, "enabled" and "disabled"
 * later still.
 */
static struct paramvalue judge_bool(const char *value, int64_t min, uint64_t max)
{
	struct paramvalue ret = taken(0);

	(void)min;
	(void)max;
	if (*value && strchr("yY1", *value))
		ret.value = 1;
	else if ((*value | 0x20) == 'o' && (value[1] | 0x20) == 'n')
		ret.value = 1;
	else if (*value && strchr("tTfFeEdD", *value))
		ret = (struct paramvalue){.has_value = true,
					  .value = strchr("tTeE", *value) != NULL};
	else if (!(*value && strchr("nN0", *value)) &&
		 !((*value | 0x20) == 'o' && (value[1] | 0x20) == 'f'))
		ret = rejected(EINVAL);
	return ret;
}

static struct paramvalue judge_inverted(const char *value, int64_t min, uint64_t max)
{
	struct paramvalue ret = judge_bool(value, min, max);

	ret.has_value = false;
	return ret;
}

/* It may be set, never cleared; what it is now is the module's. */
static struct paramvalue judge_enable_only(const char *value, int64_t min, uint64_t max)
{
	struct paramvalue ret = judge_bool(value, min, max);

	if (ret.status == PARAMVALUE_TAKEN && !ret.value)
		ret.status = PARAMVALUE_NOT_TESTED;
	return ret;
}

static struct paramvalue judge_pointer(const char *value, int64_t min, uint64_t max)
{
	enum { MAX_CHARACTERS = 1024 };

	(void)min;
	(void)max;
	if (strlen(value) > MAX_CHARACTERS)
		return rejected(ENOSPC);
	return (struct paramvalue){.status = PARAMVALUE_TAKEN};
}

static const struct rule {
	const char *ops;
	unsigned bytes; /* that are written at arg */
	judge_fn *judge;
	int64_t min;
	uint64_t max;
	const char *bare; /* what a name without "=" stands for; NULL: EINVAL */
} rules[] = {
	{"param_ops_byte", 1, judge_integer, 0, UCHAR_MAX, NULL},
	{"param_ops_short", 2, judge_integer, SHRT_MIN, SHRT_MAX, NULL},
	{"param_ops_ushort", 2, judge_integer, 0, USHRT_MAX, NULL},
	{"param_ops_int", 4, judge_integer, INT_MIN, INT_MAX, NULL},
	{"param_ops_uint", 4, judge_integer, 0, UINT_MAX, NULL},
	{"param_ops_hexint", 4, judge_integer, 0, UINT_MAX, NULL},
	{"param_ops_long", 8, judge_integer, LONG_MIN, LONG_MAX, NULL},
	{"param_ops_ulong", 8, judge_integer, 0, ULONG_MAX, NULL},
	{"param_ops_ullong", 8, judge_integer, 0, ULLONG_MAX, NULL},
	{"param_ops_bool", 1, judge_bool, 0, 0, "1"},
	{"param_ops_bool_enable_only", 1, judge_enable_only, 0, 0, "1"},
	{"param_ops_bint", 4, judge_bool, 0, 0, NULL},
	{"param_ops_invbool", 1, judge_inverted, 0, 0, NULL},
	{"param_ops_charp", 8, judge_pointer, 0, 0, NULL},
};

static const struct rule *find_rule(const char *ops)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].ops, ops) == 0)
			return &rules[i];
	return NULL;
}

struct paramvalue paramvalue_judge(const char *ops, const char *value)
{
	const struct rule *rule = find_rule(ops);

	if (!rule)
		return (struct paramvalue){.status = PARAMVALUE_NOT_TESTED};
	if (!value)
		value = rule->bare;
	return value ? rule->judge(value, rule->min, rule->max) : rejected(EINVAL);
}

unsigned paramvalue_bytes(const char *ops)
{
	const struct rule *rule = find_rule(ops);

	return rule ? rule->bytes : 0;
}
