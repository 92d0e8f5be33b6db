/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/shelf.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NR_FILES = 3 };

static char folder[] = "/tmp/kwcheck-unit-XXXXXX";

static void name_of(int i, char path[64])
{
	snprintf(path, 64, "%s/%d", folder, i);
}

static void setup(void)
{
	char path[64];

	cr_assert_not_null(mkdtemp(folder));
	for (int i = 0; i < NR_FILES; i++) {
		FILE *file;

		name_of(i, path);
		file = fopen(path, "w");
		cr_assert_not_null(file);
		for (int j = 0; j < 70000 * i; j++)
			fputc('a' + i, file);
		fclose(file);
	}
}

static void teardown(void)
{
	char path[64];

	for (int i = 0; i < NR_FILES; i++) {
		name_of(i, path);
		unlink(path);
	}
	rmdir(folder);
}

TestSuite(cmd_shelf, .init = setup, .fini = teardown);

static void expect_all(struct shelf *shelf)
{
	struct kofile files[NR_FILES];
	struct error err = {0};
	char path[64];

	for (int i = 0; i < NR_FILES; i++) {
		name_of(i, path);
		cr_assert_eq(kofile_open(&files[i], path, &err), 0, "%s", err.message);
		cr_assert_eq(shelf_put(shelf, &files[i], &err), 0, "%s", err.message);
	}
	for (int i = NR_FILES; i-- > 0;) {
		cr_assert_eq(kofile_read(&files[i], &err), 0, "%s", err.message);
		cr_assert_eq(files[i].raw_bytes, 70000u * (size_t)i);
		for (size_t j = 0; j < files[i].raw_bytes; j++)
			cr_assert_eq(files[i].raw[j], 'a' + i);
		kofile_close(&files[i]);
	}
}

Test(cmd_shelf, a_descriptor_each)
{
	struct shelf shelf;
	struct error err = {0};

	cr_assert_eq(shelf_open(&shelf, NR_FILES, &err), 0, "%s", err.message);
	cr_expect_lt(shelf.fd, 0);
	expect_all(&shelf);
	shelf_close(&shelf);
}

/* More files than any limit allows. */
Test(cmd_shelf, all_in_one_file)
{
	struct shelf shelf;
	struct error err = {0};

	cr_assert_eq(shelf_open(&shelf, (size_t)1 << 40, &err), 0, "%s", err.message);
	cr_assert_geq(shelf.fd, 0);
	expect_all(&shelf);
	/* It stays open for those that are read later. */
	cr_expect_neq(fcntl(shelf.fd, F_GETFD), -1);
	shelf_close(&shelf);
	cr_expect_lt(shelf.fd, 0);
}

static int be_without(void)
{
	struct rlimit none = {0, 0};
	struct shelf shelf;
	struct error err = {0};

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		return 1;
	if (setrlimit(RLIMIT_NOFILE, &none) < 0)
		return 2;
	if (shelf_open(&shelf, 4000, &err) >= 0 || err.code != ERROR_NO_RESOURCES)
		return 3;
	return strstr(err.message, "RLIMIT_NOFILE") ? 0 : 4;
}

/* Neither descriptors nor a file. In a process of its own: the runner's needs some. */
Test(cmd_shelf, one_line_names_the_limit)
{
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0);
	if (child == 0)
		_exit(be_without());
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "step %d", WEXITSTATUS(status));
}
