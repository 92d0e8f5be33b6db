/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/paramvalue.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As lib/kstrtox.c and kernel/params.c have it; tests/vm asks the kernels. */
Test(module_paramvalue, what_each_type_takes)
{
	static const struct {
		const char *type, *value;
		int errnum; /* 0: taken; -1: only the kernel can tell */
		int64_t number;
	} rows[] = {
		{"int", "5", 0, 5},
		{"int", "+5", 0, 5},
		{"int", "-5", 0, -5},
		{"int", "-+5", EINVAL, 0},
		{"int", "+-5", EINVAL, 0},
		{"int", " 5", EINVAL, 0},
		{"int", "5\n", 0, 5},
		{"int", "5\n\n", EINVAL, 0},
		{"int", "", EINVAL, 0},
		{"int", "-", EINVAL, 0},
		{"int", NULL, EINVAL, 0},
		{"int", "abc", EINVAL, 0},
		{"int", "0x1f", 0, 31},
		{"int", "0X1F", 0, 31},
		{"int", "0x", EINVAL, 0},
		{"int", "0xg", EINVAL, 0},
		{"int", "017", 0, 15},
		{"int", "08", EINVAL, 0},
		{"int", "0", 0, 0},
		{"int", "2147483647", 0, INT32_MAX},
		{"int", "2147483648", ERANGE, 0},
		{"int", "-2147483648", 0, INT32_MIN},
		{"int", "-2147483649", ERANGE, 0},
		{"int", "99999999999999999999999x", ERANGE, 0},
		{"uint", "-1", EINVAL, 0},
		{"uint", "4294967296", ERANGE, 0},
		{"hexint", "0xffffffff", 0, UINT32_MAX},
		{"byte", "255", 0, 255},
		{"byte", "256", ERANGE, 0},
		{"short", "-32769", ERANGE, 0},
		{"ushort", "65535", 0, 65535},
		{"long", "-9223372036854775808", 0, INT64_MIN},
		{"long", "9223372036854775808", ERANGE, 0},
		{"ulong", "18446744073709551615", 0, -1},
		{"ullong", "18446744073709551616", ERANGE, 0},
		{"bool", NULL, 0, 1},
		{"bool", "", EINVAL, 0},
		{"bool", "Yes", 0, 1},
		{"bool", "no", 0, 0},
		{"bool", "1x", 0, 1},
		{"bool", "2", EINVAL, 0},
		{"bool", "oN", 0, 1},
		{"bool", "off", 0, 0},
		{"bool", "o", EINVAL, 0},
		{"bool", "true", -1, 1},
		{"bool", "enabled", -1, 1},
		{"bint", "1", 0, 1},
		{"bint", NULL, EINVAL, 0},
		{"bool_enable_only", "1", 0, 1},
		{"bool_enable_only", "0", -1, 0},
		{"invbool", "maybe", EINVAL, 0},
		{"charp", NULL, EINVAL, 0},
		{"of_another_module", "1", -1, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char ops[64];
		struct paramvalue is;

		snprintf(ops, sizeof(ops), "param_ops_%s", rows[i].type);
		is = paramvalue_judge(ops, rows[i].value);
		cr_expect_eq(is.status,
			     rows[i].errnum < 0	   ? PARAMVALUE_NOT_TESTED
			     : rows[i].errnum == 0 ? PARAMVALUE_TAKEN
						   : PARAMVALUE_REJECTED,
			     "%s %s", rows[i].type, rows[i].value);
		cr_expect_eq(is.errnum, rows[i].errnum > 0 ? rows[i].errnum : 0, "%s %s",
			     rows[i].type, rows[i].value);
		if (is.has_value)
			cr_expect_eq((int64_t)is.value, rows[i].number, "%s %s",
				     rows[i].type, rows[i].value);
	}
}

Test(module_paramvalue, a_string_of_1024)
{
	char text[1026] = "";

	memset(text, 'a', 1024);
	cr_expect_eq(paramvalue_judge("param_ops_charp", text).status, PARAMVALUE_TAKEN);
	text[1024] = 'a';
	cr_expect_eq(paramvalue_judge("param_ops_charp", text).errnum, ENOSPC);
}
