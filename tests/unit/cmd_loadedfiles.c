/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A /proc/modules, and a tree whose index depmod has made. */
#include "cmd/loadedfiles.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "modtree.h"

static char root[] = "/tmp/kwcheck-loaded-XXXXXX";

static void setup(void)
{
	modtree_make(root);
	modtree_write(root, "lib/modules/1.0/kernel/a-b.ko", "one_symbol", "");
	modtree_write(root, "lib/modules/1.0/kernel/gone.ko", "other_symbol", "");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 1.0 2>/dev/null", root);
	modtree_run("rm '%s/lib/modules/1.0/kernel/gone.ko'; mkdir '%s/proc'", root,
		    root);
	modtree_run("printf '%%s\\n' 'a_b 16384 1 - Live 0x0' 'gone 1 0 - Live 0x0' "
		    "'../a-b 1 0' 'foreign 1 0' >'%s/proc/modules'",
		    root);
}

static void teardown(void)
{
	modtree_remove(root);
}

TestSuite(cmd_loadedfiles, .init = setup, .fini = teardown);

static int open_in(struct loadedfiles *ret, const char *below, struct error *err)
{
	static char moddir[128];
	const struct options options = {
		.sysroot = root, .moddir = moddir, .set_version = "1.0"};

	snprintf(moddir, sizeof(moddir), "%s/%s", root, below);
	return loadedfiles_open(ret, &options, NULL, err);
}

Test(cmd_loadedfiles, each_module_that_is_loaded)
{
	struct loadedfiles loaded;
	struct error err = {0};
	const struct kofiles_entry *entry;

	cr_assert_eq(open_in(&loaded, "lib/modules", &err), 0, "%s", err.message);
	cr_assert_eq(loaded.files.nr, 4);
	cr_expect(loaded.files.has_tree);
	entry = loaded.files.array;
	cr_expect_str_eq(entry[0].name, "a_b");
	cr_assert_not_null(entry[0].file);
	cr_expect_eq(kofile_read(entry[0].file, &err), 0, "%s", err.message);
	cr_expect_null(entry[1].file);
	cr_expect(strstr(entry[1].why.message, "gone.ko: No such file"), "%s",
		  entry[1].why.message);
	cr_expect_null(entry[2].file, "a name that is a path");
	cr_expect_null(entry[3].file);
	cr_expect_eq(entry[3].why.code, ERROR_NONE);
	loadedfiles_close(&loaded);
}

Test(cmd_loadedfiles, a_folder_that_depmod_does_not_know)
{
	struct loadedfiles loaded;
	struct error err = {0};

	cr_assert_lt(open_in(&loaded, "lib", &err), 0);
	cr_expect(strstr(err.message, "/lib/1.0: no modules.dep.bin is there"), "%s",
		  err.message);
}
