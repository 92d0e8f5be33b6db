/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/limits.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kcore/error.h"

static void set_limit(__rlimit_resource_t resource, rlim_t limit)
{
	struct rlimit limits;

	cr_assert_eq(getrlimit(resource, &limits), 0);
	limits.rlim_cur = limit;
	cr_assert_eq(setrlimit(resource, &limits), 0);
}

Test(kcore_limits, the_limit_that_was_met_is_named)
{
	struct error files = {0}, other = {0};

	set_limit(RLIMIT_NOFILE, 32);
	limits_learn();
	error_set(&files, ERROR_FILE, -EMFILE, "a file");
	error_set(&other, ERROR_FILE, -ENOENT, "a file");
	cr_expect_str_eq(files.message,
			 "a file; this process may have 32 open files (ulimit -n)");
	cr_expect_str_eq(other.message, "a file");
}

Test(kcore_limits, what_has_no_limit_is_not_named)
{
	struct error err = {0};

	set_limit(RLIMIT_AS, RLIM_INFINITY);
	set_limit(RLIMIT_DATA, RLIM_INFINITY);
	limits_learn();
	error_set(&err, ERROR_FILE, -ENOMEM, "memory");
	cr_expect_str_eq(err.message, "memory");
}

/* Formats have bounds of their own, for which EFBIG stands, too. */
Test(kcore_limits, a_file_that_may_not_grow_is_an_error_and_told_from_other_bounds)
{
	int fd = memfd_create("limits", MFD_CLOEXEC);
	char words[128];

	cr_assert_geq(fd, 0);
	set_limit(RLIMIT_FSIZE, 4096);
	limits_learn();
	limits_words(-EFBIG, words, sizeof(words));
	cr_expect_str_eq(words, "");
	cr_assert_eq(pwrite(fd, words, 1, 8192), -1);
	cr_assert_eq(errno, EFBIG);
	limits_words(-EFBIG, words, sizeof(words));
	cr_expect_str_eq(
		words,
		"; this process may have 4096 bytes in a file (ulimit -f, in KiB)");
	close(fd);
}

Test(kcore_limits, before_they_were_learned_nothing_is_said)
{
	char words[16];

	limits_words(-EMFILE, words, sizeof(words));
	cr_expect_str_eq(words, "");
}
