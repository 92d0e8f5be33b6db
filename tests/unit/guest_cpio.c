/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/cpio.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/kwcheck-unit-XXXXXX";

/* cpio(1) is the judge. @ret: what it prints. */
static void ask_cpio(const struct cpio *cpio, const char *arguments, char *ret,
		     size_t room)
{
	char command[256], path[64];
	FILE *file;
	size_t nr;

	snprintf(path, sizeof(path), "%s/archive", folder);
	file = fopen(path, "w");
	cr_assert_eq(fwrite(cpio->bytes, 1, cpio->nr, file), cpio->nr);
	fclose(file);
	snprintf(command, sizeof(command), "cd %s && cpio %s <archive 2>&1", folder,
		 arguments);
	file = popen(command, "r");
	cr_assert_not_null(file);
	nr = fread(ret, 1, room - 1, file);
	ret[nr] = '\0';
	cr_expect_eq(pclose(file), 0, "%s", ret);
}

Test(guest_cpio, cpio_reads_it)
{
	static char big[5000];
	struct cpio cpio = {0};
	char text[1024], path[64];
	struct stat st;

	cr_assert_not_null(mkdtemp(folder));
	memset(big, 'x', sizeof(big));
	cr_assert_eq(cpio_add(&cpio, "dev", CPIO_FOLDER, NULL, 0), 0);
	cr_assert_eq(cpio_add_device(&cpio, "dev/console", 5, 1), 0);
	cr_assert_eq(cpio_add(&cpio, "init", CPIO_PROGRAM, "odd", 3), 0);
	cr_assert_eq(cpio_add(&cpio, "big", CPIO_PROGRAM, big, sizeof(big)), 0);
	cr_assert_eq(cpio_end(&cpio), 0);
	cr_expect_eq(cpio.nr % 4, 0);
	ask_cpio(&cpio, "-tv --quiet", text, sizeof(text));
	cr_expect_not_null(strstr(text, "drwxr-xr-x"), "%s", text);
	cr_expect_not_null(strstr(text, "crw-------"), "%s", text);
	cr_expect_not_null(strstr(text, "5,   1"), "%s", text);
	ask_cpio(&cpio, "-i --quiet init big", text, sizeof(text));
	snprintf(path, sizeof(path), "%s/init", folder);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_size, 3);
	cr_expect_eq(st.st_mode, S_IFREG | 0755);
	unlink(path);
	snprintf(path, sizeof(path), "%s/big", folder);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_size, (off_t)sizeof(big));
	unlink(path);
	snprintf(path, sizeof(path), "%s/archive", folder);
	unlink(path);
	rmdir(folder);
	cpio_free(&cpio);
}

Test(guest_cpio, names_have_a_bound)
{
	struct cpio cpio = {0};
	char name[5000];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_expect_eq(cpio_add(&cpio, name, CPIO_FOLDER, NULL, 0), -E2BIG);
	cr_expect_eq(cpio.nr, 0);
	cpio_free(&cpio);
}
