/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/loss.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"

Test(kcore_loss, the_first_is_told)
{
	struct error err = {0}, later = {0};

	cr_expect_eq(loss_check(&err), 0);
	cr_expect_eq(err.code, ERROR_NONE);
	loss_note("reading a file", EIO);
	loss_note("something else", ENOMEM);
	cr_expect_eq(loss_check(&err), -EIO);
	cr_expect_eq(err.code, ERROR_NO_RESOURCES);
	cr_expect_not_null(strstr(err.message, "reading a file: Input/output error"));
	cr_expect_eq(loss_check(&later), -EIO);
}

#ifndef KWCHECK_SANITIZED /* a sanitizer ends the process instead */
/* Whatever the caller makes of NULL. */
Test(kcore_loss, an_allocation_that_fails_is_noted)
{
	volatile size_t too_much = SIZE_MAX / 2;
	_cleanup_free_ char *memory = malloc(100);
	struct error err = {0};
	_cleanup_free_ char *more = NULL;

	cr_assert_not_null(memory);
	cr_expect_eq(loss_check(&err), 0);
	more = malloc(too_much);
	cr_assert_null(more);
	cr_expect_eq(loss_check(&err), -ENOMEM);
}
#endif

Test(kcore_loss, a_text_that_is_not_whole_is_noted)
{
	_cleanup_free_ char *text = NULL, *other = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);
	struct error err = {0};

	fputs("whole", file);
	cr_expect_eq(loss_close(file), 0);
	cr_expect_str_eq(text, "whole");
	file = open_memstream(&other, &bytes);
	cr_expect_lt(fseek(file, -1, SEEK_SET), 0);
	cr_expect_eq(loss_close(file), 0);
	cr_expect_eq(loss_check(&err), 0);
	file = fopen("/dev/full", "w");
	fputs("x", file);
	cr_expect_eq(loss_close(file), -ENOMEM);
	cr_expect_eq(loss_check(&err), -ENOMEM);
}

Test(kcore_loss, reads_to_the_end)
{
	char path[] = "/tmp/kwcheck-unit-XXXXXX", bytes[16];
	_cleanup_fd_ int fd = mkstemp(path);

	cr_assert_eq(write(fd, "0123456789", 10), 10);
	cr_expect_eq(loss_pread(fd, bytes, sizeof(bytes), 4), 6);
	cr_expect_eq(memcmp(bytes, "456789", 6), 0);
	cr_expect_eq(loss_pread(-1, bytes, 1, 0), -EBADF);
	unlink(path);
}
