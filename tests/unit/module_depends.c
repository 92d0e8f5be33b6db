/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder whose modules.dep.bin depmod has made. */
#include "module/depends.h"

#include <criterion/criterion.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modtree.h"

#define FOLDER "lib/modules/1.0/kernel/"

static char root[] = "/tmp/kwcheck-depends-XXXXXX";

static void setup(void)
{
	modtree_make(root);
	modtree_run("mkdir -p '%s/lib/modules/1.0/kernel'", root);
}

static void teardown(void)
{
	modtree_remove(root);
}

TestSuite(module_depends, .init = setup, .fini = teardown);

static struct kmod_ctx *open_tree(void)
{
	char path[512];
	struct kmod_ctx *kmod;

	snprintf(path, sizeof(path), "%s/lib/modules/1.0", root);
	kmod = kmod_new(path, NULL);
	cr_assert_not_null(kmod);
	kmod_set_log_priority(kmod, 0);
	kmod_load_resources(kmod);
	return kmod;
}

/* The module to be loaded first stands last; a '-' of a file is a '_' of its name. */
Test(module_depends, the_whole_chain)
{
	struct depends depends = {0};
	struct kmod_ctx *kmod;
	const char *needs, *middle, *base, *end;
	char path[PATH_MAX];

	modtree_write(root, FOLDER "user-mod.ko", "user_symbol", "middle_symbol");
	modtree_write(root, FOLDER "middle.ko", "middle_symbol", "base_symbol");
	modtree_write(root, FOLDER "base.ko", "base_symbol", "");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 1.0 2>/dev/null", root);
	kmod = open_tree();
	cr_assert_eq(depends_read(&depends, kmod), 0);
	cr_expect_eq(depends.nr, 3);
	needs = depends_of(&depends, "user_mod");
	cr_assert_not_null(needs);
	middle = strstr(needs, "kernel/middle.ko");
	base = strstr(needs, "kernel/base.ko");
	cr_assert(middle && base, "%s", needs);
	cr_expect_lt(middle, base);
	end = needs + strlen(needs);
	cr_assert(depends_take(needs, &end, path));
	cr_expect_str_eq(path, "kernel/base.ko");
	cr_assert(depends_take(needs, &end, path));
	cr_expect_str_eq(path, "kernel/middle.ko");
	cr_expect_not(depends_take(needs, &end, path));
	cr_expect_str_eq(depends_of(&depends, "base"), "");
	cr_expect_str_eq(depends_path(&depends, "user_mod"), "kernel/user-mod.ko");
	depends_locate(kmod, "kernel/base.ko", path);
	cr_expect_str_eq(path + strlen(root), "/lib/modules/1.0/kernel/base.ko");
	depends_locate(kmod, "/elsewhere/base.ko", path);
	cr_expect_str_eq(path, "/elsewhere/base.ko");
	cr_expect_null(depends_path(&depends, "nobody"));
	cr_expect_null(depends_of(&depends, "user-mod"));
	cr_expect_null(depends_of(&depends, "nobody"));
	depends_close(&depends);
	kmod_unref(kmod);
}

Test(module_depends, a_tree_without_an_index_has_none)
{
	struct depends depends = {0};
	struct kmod_ctx *kmod = open_tree();

	cr_expect_eq(depends_read(&depends, kmod), 0);
	cr_expect_eq(depends.nr, 0);
	cr_expect_null(depends_of(&depends, "base"));
	depends_close(&depends);
	kmod_unref(kmod);
}
