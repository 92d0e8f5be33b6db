/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/installed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "modtree.h"

static char root[] = "/tmp/kwcheck-unit-XXXXXX";

static void setup(void)
{
	modtree_make(root);
	modtree_run_in(root,
		       "mkdir -p boot lib/modules/6.1.0-9-amd64 lib/modules/7.0-arch1");
}

static void teardown(void)
{
	modtree_run_in(root, "rm -rf boot lib");
	cr_expect_eq(remove(root), 0);
}

TestSuite(guest_installed, .init = setup, .fini = teardown);

Test(guest_installed, finds_both_places)
{
	struct error err = {0};
	char expected[128], *path;

	modtree_run_in(root,
		       "touch boot/vmlinuz-6.1.0-9-amd64 lib/modules/7.0-arch1/vmlinuz");
	cr_assert_eq(installed_find(root, "6.1.0-9-amd64", &path, &err), 0);
	snprintf(expected, sizeof(expected), "%s/boot/vmlinuz-6.1.0-9-amd64", root);
	cr_expect_str_eq(path, expected);
	free(path);
	cr_assert_eq(installed_find(root, "7.0-arch1", &path, &err), 0);
	snprintf(expected, sizeof(expected), "%s/lib/modules/7.0-arch1/vmlinuz", root);
	cr_expect_str_eq(path, expected);
	free(path);
	cr_expect_eq(installed_find(root, "5.0", &path, &err), -ENOENT);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_not_null(strstr(err.message, "5.0: no kernel of that release"), "%s",
			   err.message);
}

Test(guest_installed, lists_each_once_by_version)
{
	struct installed list;
	struct error err = {0};

	modtree_run_in(root,
		       "touch boot/vmlinuz-6.1.0-10-amd64 boot/vmlinuz-6.1.0-9-amd64 "
		       "boot/vmlinuz-6.1.0-9-amd64.old boot/vmlinuz-0-rescue "
		       "boot/vmlinuz-linux boot/initrd.img-6.1.0-9-amd64 "
		       "lib/modules/6.1.0-9-amd64/vmlinuz lib/modules/7.0-arch1/vmlinuz");
	cr_assert_eq(installed_list(&list, root, &err), 0);
	cr_assert_eq(list.nr, 3);
	cr_expect_str_eq(list.array[0].release, "6.1.0-9-amd64");
	cr_expect_not_null(strstr(list.array[0].path, "/boot/"));
	cr_expect_str_eq(list.array[1].release, "6.1.0-10-amd64");
	cr_expect_str_eq(list.array[2].release, "7.0-arch1");
	installed_free(&list);
}

Test(guest_installed, none_is_an_error)
{
	struct installed list;
	struct error err = {0};

	cr_expect_eq(installed_list(&list, root, &err), -ENOENT);
	cr_expect_eq(err.code, ERROR_FILE);
}
