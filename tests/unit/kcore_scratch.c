/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

/* From here on this process has neither. */
static void do_without(bool has_tmpfile)
{
	const struct scmp_arg_cmp is_tmpfile = SCMP_A2(SCMP_CMP_MASKED_EQ, O_TMPFILE,
						       O_TMPFILE);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	cr_assert_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				      SCMP_SYS(memfd_create), 0),
		     0);
	if (!has_tmpfile)
		cr_assert_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP),
					      SCMP_SYS(openat), 1, is_tmpfile),
			     0);
	cr_assert_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
}

static void expect_scratch(void)
{
	char text[8] = {0};
	struct stat st;
	int fd = scratch_open("test");

	cr_assert_geq(fd, 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_nlink, 0);
	cr_expect_eq(st.st_size, 0);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_expect_eq(pwrite(fd, "kernel", 6, 4096), 6);
	cr_expect_eq(pread(fd, text, 6, 4096), 6);
	cr_expect_str_eq(text, "kernel");
	close(fd);
}

Test(kcore_scratch, in_memory)
{
	expect_scratch();
}

Test(kcore_scratch, no_memfd)
{
	do_without(true);
	expect_scratch();
}

Test(kcore_scratch, no_memfd_and_no_tmpfile)
{
	do_without(false);
	expect_scratch();
}
