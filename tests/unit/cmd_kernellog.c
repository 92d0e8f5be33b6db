/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/kernellog.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int read_path(struct kernellog *ret, const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	cr_assert_geq(fd, 0);
	*err = (struct error){0};
	r = kernellog_read(ret, fd, path, err);
	close(fd);
	return r;
}

Test(cmd_kernellog, a_file)
{
	struct kernellog log;
	struct error err;

	cr_assert_eq(read_path(&log, "tests/data/oops/4.19-kallsyms.txt", &err), 0);
	cr_expect_eq(log.nr_bytes, 34);
	cr_expect_eq(memcmp(log.bytes, "ffffffffaa6eff40 r apparmor_hooks\n", 34), 0);
	cr_expect_not(log.is_cut);
	kernellog_free(&log);
}

Test(cmd_kernellog, failures)
{
	struct kernellog log;
	struct error err;

	cr_expect_lt(read_path(&log, "/", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_not_null(strstr(err.message, "/"));
}

Test(cmd_kernellog, endless_input_is_cut)
{
	struct kernellog log;
	struct error err;

	cr_assert_eq(read_path(&log, "/dev/zero", &err), 0);
	cr_expect(log.is_cut);
	cr_expect_eq(log.nr_bytes, 128 << 20);
	kernellog_free(&log);
}

/* A pipe that stays open and silent is not waited for for ever; one that has something,
 * or has ended, is not waited for at all.
 */
Test(cmd_kernellog, waits_for_a_silent_pipe_only)
{
	struct error err = {0};
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_expect_eq(kernellog_wait(ends[0], 1, 2, &err), -ETIMEDOUT);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_not_null(strstr(err.message, "give '-'"));
	err = (struct error){0};
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_expect_eq(kernellog_wait(ends[0], 100000, 200000, &err), 0);
	cr_assert_eq(read(ends[0], &(char){0}, 1), 1);
	close(ends[1]);
	cr_expect_eq(kernellog_wait(ends[0], 100000, 200000, &err), 0);
	close(ends[0]);
}
