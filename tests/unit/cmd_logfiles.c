/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/logfiles.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/kwcheck-logfiles-XXXXXX";

static void shell(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && { %s; }", folder, command);
	cr_assert_eq(system(line), 0, "%s", line);
}

static void make_folder(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
	char line[1024];

	snprintf(line, sizeof(line), "rm -rf %s", folder);
	cr_assert_eq(system(line), 0);
}

TestSuite(cmd_logfiles, .init = make_folder, .fini = remove_folder);

/* Links, their loops, pipes and devices in a folder are none of the logs; opening a pipe
 * would wait.
 */
Test(cmd_logfiles, a_folder)
{
	static const char *const names[] = {"a", "b2", "b10", "sub/deep/c"};
	char *operands[] = {folder, folder};
	struct logfiles files;

	shell("echo 1 >a; echo 2 >b10; echo 3 >b2; mkdir -p sub/deep empty; "
	      "echo 4 >sub/deep/c; ln -s .. sub/loop; ln -s a link; mkfifo pipe; "
	      "ln a again");
	cr_assert_eq(logfiles_open(&files, operands, 2, 100), 0);
	cr_assert_eq(files.nr, 4);
	for (size_t i = 0; i < 4; i++) {
		struct kernellog log;
		struct error err = {0};
		char path[200];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		cr_expect_str_eq(files.array[i].path, path);
		cr_expect(files.array[i].is_found);
		cr_assert_eq(logfile_read(&files.array[i], &log, &err), 0);
		cr_expect_eq(log.nr_bytes, 2);
		kernellog_free(&log);
	}
	logfiles_close(&files);
}

Test(cmd_logfiles, one_that_cannot_be_read_leaves_the_others)
{
	char path[200];
	char *operands[] = {(char[]){"/nonexistent"}, path, (char[]){"/dev/null"}};
	struct logfiles files;
	struct kernellog log;
	struct error err = {0};

	snprintf(path, sizeof(path), "%s/a", folder);
	shell("echo 1 >a");
	cr_assert_eq(logfiles_open(&files, operands, 3, 100), 0);
	cr_assert_eq(files.nr, 3);
	cr_expect_lt(logfile_read(&files.array[0], &log, &err), 0);
	cr_expect_str_eq(err.message, "/nonexistent: No such file or directory");
	cr_expect_eq(logfile_read(&files.array[1], &log, &err), 0);
	kernellog_free(&log);
	err = (struct error){0};
	cr_expect_eq(logfile_read(&files.array[2], &log, &err), -ENOMSG);
	cr_expect_not_null(strstr(err.message, "it is empty"));
	logfiles_close(&files);
}

/* A dump of gigabytes, here a hole, is known by its start. */
Test(cmd_logfiles, dumps_are_not_read)
{
	char *operands[] = {folder};
	struct logfiles files;
	struct kernellog log;
	struct error err = {0};

	shell("printf 'KDUMP   ' >vmcore; truncate -s 64G vmcore");
	cr_assert_eq(logfiles_open(&files, operands, 1, 100), 0);
	cr_assert_eq(files.nr, 1);
	cr_expect_eq(logfile_read(&files.array[0], &log, &err), -ENOMSG);
	cr_expect_not_null(strstr(err.message, "a kdump of the kernel, no log"));
	logfiles_close(&files);
}

Test(cmd_logfiles, too_deep_a_folder_is_told)
{
	char *operands[] = {folder};
	struct logfiles files;

	shell("mkdir -p 1/2/3/4/5/6/7/8/9/10; echo 1 >1/2/3/4/5/6/7/8/a; "
	      "echo 1 >1/2/3/4/5/6/7/8/9/a");
	cr_assert_eq(logfiles_open(&files, operands, 1, 100), 0);
	cr_assert_eq(files.nr, 2);
	cr_expect_eq(files.array[0].err.code, ERROR_FILE);
	cr_expect_not_null(strstr(files.array[0].err.message, "too deep"));
	cr_expect_eq(files.array[1].err.code, ERROR_NONE);
	logfiles_close(&files);
}

/* What is left out is told once, wherever it is; a file that is named again is none. */
Test(cmd_logfiles, more_than_were_allowed)
{
	char *operands[] = {folder, folder, folder};
	struct logfiles files;

	shell("echo 1 >a; echo 1 >b; echo 1 >c; echo 1 >d");
	cr_assert_eq(logfiles_open(&files, operands, 3, 2), 0);
	cr_assert_eq(files.nr, 3);
	cr_expect_eq(files.array[1].err.code, ERROR_NONE);
	cr_expect_eq(files.array[2].err.code, ERROR_FILE);
	cr_expect_not_null(strstr(files.array[2].err.message, "more than 2 files"));
	cr_expect_not_null(strstr(files.array[2].err.message, "another run"));
	logfiles_close(&files);
	cr_assert_eq(logfiles_open(&files, operands, 3, 4), 0);
	cr_expect_eq(files.nr, 4);
	logfiles_close(&files);
}

/* It would be waited for, and its lines would be missed by who logs them. */
Test(cmd_logfiles, the_kernel_s_log_without_an_end, .timeout = 20)
{
	char *operands[] = {(char *)"/proc/kmsg", (char *)""};
	struct logfiles files;

	cr_assert_eq(logfiles_open(&files, operands, 2, 100), 0);
	cr_assert_eq(files.nr, 2);
	cr_expect_not_null(strstr(files.array[0].err.message, "/proc/kmsg: "));
	cr_expect_not_null(strstr(files.array[1].err.message, "'': No such file"));
	logfiles_close(&files);
}
