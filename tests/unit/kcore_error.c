/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(kcore_error, every_code_has_a_name_of_its_own)
{
	for (int i = 1; i < ERROR_NR_CODES; i++) {
		cr_assert_not_null(error_code_name((enum error_code)i), "%d", i);
		cr_expect_neq(error_exit_status((enum error_code)i), 0, "%d", i);
		for (int j = 0; j < i; j++)
			cr_expect_str_neq(error_code_name((enum error_code)i),
					  error_code_name((enum error_code)j));
	}
}

Test(kcore_error, the_first_message_stays)
{
	struct error err = {0};

	cr_expect_eq(error_set(&err, ERROR_FILE, -5, "deep %d", 1), -5);
	cr_expect_eq(error_set(&err, ERROR_INTERNAL, -6, "shallow"), -6);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_str_eq(err.message, "deep 1");
}

Test(kcore_error, a_machine_without_memory_is_no_bug)
{
	struct error out_of_memory = {0}, other = {0}, named = {0};

	error_set(&out_of_memory, ERROR_INTERNAL, -ENOMEM, "m");
	error_set(&other, ERROR_INTERNAL, -EFAULT, "m");
	error_set(&named, ERROR_FILE, -ENOMEM, "m");
	cr_expect_eq(out_of_memory.code, ERROR_NO_RESOURCES);
	cr_expect_eq(error_exit_status(out_of_memory.code), 2);
	cr_expect_eq(other.code, ERROR_INTERNAL);
	cr_expect_eq(named.code, ERROR_FILE);
}
