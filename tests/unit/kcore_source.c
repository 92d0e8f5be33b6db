/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/source.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake.h"

static void expect_refused(const char *sysroot, enum error_code code)
{
	struct source source;
	struct error err = {0};

	cr_expect_lt(source_open_live(&source, sysroot, &err), 0);
	cr_expect_eq(err.code, code, "%s: %s", error_code_name(err.code), err.message);
}

Test(kcore_source, opens_below_a_sysroot)
{
	char dir[] = "/tmp/kwcheck-test-XXXXXX";
	struct fake fake = {0};
	struct source source;
	struct error err = {0};

	fake_write_sysroot(&fake, dir);
	cr_assert_eq(source_open_live(&source, dir, &err), 0, "%s", err.message);
	cr_expect_geq(source.core_fd, 0);
	cr_expect_geq(source.kallsyms_fd, 0);
	cr_expect_geq(source.pageflags_fd, 0);
	cr_expect_eq(source.btf_fd, -1);
	cr_expect_geq(source.phys_bits, 32);
	source_close(&source);
	fake_remove_sysroot(dir);
}

Test(kcore_source, says_why_there_is_no_kcore)
{
	char dir[] = "/tmp/kwcheck-test-XXXXXX", path[64];
	struct fake fake = {0};

	expect_refused("/nonexistent", ERROR_FILE);
	expect_refused("/tmp", ERROR_NO_KCORE);
	fake_write_sysroot(&fake, dir);
	snprintf(path, sizeof(path), "%s/proc/kcore", dir);
	cr_assert_eq(truncate(path, 0), 0);
	expect_refused(dir, ERROR_MASKED_KCORE);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(symlink("/dev/null", path), 0);
	expect_refused(dir, ERROR_MASKED_KCORE);
	fake_remove_sysroot(dir);
}

/* It is not waited for who might write the FIFO. */
Test(kcore_source, a_core_is_a_regular_file, .timeout = 20)
{
	char dir[] = "/tmp/kwcheck-test-XXXXXX", path[64];
	struct source source;
	struct error err = {0};

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_lt(source_open_core(&source, path, &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect(strstr(err.message, "not a regular file"), "%s", err.message);
	unlink(path);
	rmdir(dir);
}
