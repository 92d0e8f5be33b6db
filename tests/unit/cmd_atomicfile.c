/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/atomicfile.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "room.h"

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

/* Whether nothing is in the folder, at the latest in two seconds. */
static bool is_soon_empty(void)
{
	_cleanup_free_ char *command = NULL;

	cr_assert_gt(asprintf(&command, "test -z \"$(ls %s)\"", folder), 0);
	for (int i = 0; i < 200; i++) {
		if (system(command) == 0)
			return true;
		usleep(10000);
	}
	return false;
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
	unlink(path);
	cr_expect(is_soon_empty(), "a temporary file is left");
}

Test(cmd_atomicfile, a_signal_to_both_leaves_nothing_whenever_it_comes)
{
	for (int i = 0; i < 60; i++) {
		int ready[2];
		pid_t child;
		char c;

		cr_assert_eq(pipe(ready), 0);
		child = fork();
		cr_assert_geq(child, 0);
		if (child == 0) {
			struct atomicfile file = {0};
			struct error err = {0};

			/* A shell's background has it ignored. */
			signal(SIGINT, SIG_DFL);
			setpgid(0, 0);
			cr_assert_eq(write(ready[1], "", 1), 1);
			atomicfile_open(&file, path, 0644, &err);
			pause();
			_exit(0);
		}
		cr_assert_eq(read(ready[0], &c, 1), 1);
		usleep((useconds_t)i * 10);
		cr_assert_eq(kill(-child, SIGINT), 0);
		cr_assert_eq(waitpid(child, NULL, 0), child);
		close(ready[0]);
		close(ready[1]);
		cr_assert(is_soon_empty(), "after %d us something is left", i * 10);
	}
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

/* More than a pipe holds: the child is gone before all is sent, and has said why. */
Test(cmd_atomicfile, a_disk_that_is_full)
{
	enum { MUCH_BYTES = 1 << 20 };
	const char *much = room_take(MUCH_BYTES);
	const struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
	struct atomicfile file = {0};
	struct error err = {0};

	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(atomicfile_open(&file, path, 0644, &err), 0, "%s", err.message);
	cr_expect_lt(atomicfile_commit(&file, much, MUCH_BYTES, &err), 0);
	cr_expect_not_null(strstr(err.message, "File too large"), "%s", err.message);
	atomicfile_close(&file);
	cr_expect(is_soon_empty());
}
