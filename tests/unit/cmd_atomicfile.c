/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/atomicfile.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/cleanup.h"

static char folder[] = "/tmp/kwcheck-unit-XXXXXX";
static char path[128];

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
}

static void teardown(void)
{
	unlink(path);
	cr_expect_eq(rmdir(folder), 0, "something is left in %s", folder);
}

static void expect_content(const char *want)
{
	_cleanup_file_ FILE *file = fopen(path, "r");
	char content[64] = "";

	cr_assert_not_null(file);
	cr_assert_leq(fread(content, 1, sizeof(content) - 1, file), sizeof(content));
	cr_expect_str_eq(content, want);
}

TestSuite(cmd_atomicfile, .init = setup, .fini = teardown);

Test(cmd_atomicfile, takes_the_place_of_what_was_there)
{
	struct atomicfile file = {0};
	struct error err = {0};
	struct stat st;

	for (int i = 0; i < 2; i++) {
		const char *content = i ? "second" : "the first";

		cr_assert_eq(atomicfile_open(&file, path, 0644, &err), 0, "%s",
			     err.message);
		cr_assert_eq(atomicfile_commit(&file, content, strlen(content), &err), 0,
			     "%s", err.message);
		atomicfile_close(&file);
		expect_content(content);
	}
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0644);
}

Test(cmd_atomicfile, without_a_commit_nothing_changes)
{
	struct atomicfile file = {0};
	struct error err = {0};

	cr_assert_eq(atomicfile_open(&file, path, 0644, &err), 0);
	cr_assert_eq(atomicfile_commit(&file, "one", 3, &err), 0);
	atomicfile_close(&file);
	cr_assert_eq(atomicfile_open(&file, path, 0644, &err), 0);
	atomicfile_close(&file);
	expect_content("one");
	/* The child removes its file when it sees the pipe's end. */
	for (int i = 0; i < 200; i++) {
		_cleanup_free_ char *command = NULL;

		cr_assert_gt(asprintf(&command, "test \"$(ls %s)\" = file", folder), 0);
		if (system(command) == 0)
			return;
		usleep(10000);
	}
	cr_expect_fail("a temporary file is left");
}

Test(cmd_atomicfile, a_folder_that_is_not_there)
{
	struct atomicfile file = {0};
	struct error err = {0};

	cr_expect_lt(atomicfile_open(&file, "/none/at/all", 0644, &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_not_null(strstr(err.message, "/none/at/all: No such file"));
	atomicfile_close(&file);
}
