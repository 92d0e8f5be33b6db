/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/kernellog.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

Test(cmd_kernellog, a_file)
{
	struct kernellog log;
	struct error err = {0};

	cr_assert_eq(kernellog_read_file(&log, "tests/data/oops/4.19-kallsyms.txt", &err),
		     0);
	cr_expect_eq(log.nr_bytes, 34);
	cr_expect_eq(memcmp(log.bytes, "ffffffffaa6eff40 r apparmor_hooks\n", 34), 0);
	cr_expect_not(log.is_cut);
	kernellog_free(&log);
}

Test(cmd_kernellog, failures)
{
	struct kernellog log;
	struct error err = {0};

	cr_expect_lt(kernellog_read_file(&log, "/nonexistent", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	err = (struct error){0};
	cr_expect_lt(kernellog_read_file(&log, "/", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_not_null(strstr(err.message, "/"));
}

Test(cmd_kernellog, endless_input_is_cut)
{
	struct kernellog log;
	struct error err = {0};

	cr_assert_eq(kernellog_read_file(&log, "/dev/zero", &err), 0);
	cr_expect(log.is_cut);
	cr_expect_eq(log.nr_bytes, 128 << 20);
	kernellog_free(&log);
}
