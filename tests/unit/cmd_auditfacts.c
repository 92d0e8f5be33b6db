/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/auditfacts.h"

#include <criterion/criterion.h>

Test(cmd_auditfacts, rows_of_one_name)
{
	static const struct audit_row rows[] = {
		{.group = AUDIT_LSM, .name = "a"}, {.group = AUDIT_LSM, .name = "b"},
		{.group = AUDIT_LSM, .name = "a"}, {.group = AUDIT_IMAGE, .name = "a"},
		{.group = AUDIT_LSM, .name = "a"},
	};
	static const size_t nr[] = {0, 0, 1, 0, 2};
	const struct auditfacts audit = {.rows = rows, .nr_rows = 5};

	for (size_t i = 0; i < audit.nr_rows; i++)
		cr_expect_eq(auditfacts_namesakes(&audit, i), nr[i], "%zu", i);
}
