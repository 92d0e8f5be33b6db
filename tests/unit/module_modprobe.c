/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees with depmod's own index. */
#include "module/modprobe.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "modtree.h"

#define TREE "lib/modules/6.1.0"

static char root[] = "/tmp/kwcheck-modprobe-XXXXXX";
static struct lookup names;
static struct modprobe plan;

static void setup(void)
{
	modtree_make(root);
	modtree_write(root, TREE "/kernel/user-mod.ko", "user_symbol", "middle_symbol");
	modtree_write(root, TREE "/kernel/middle.ko", "middle_symbol", "base_symbol");
	modtree_write(root, TREE "/kernel/base.ko", "base_symbol", "");
	modtree_write(root, TREE "/kernel/tried.ko", "tried_symbol", "");
	modtree_write(root, TREE "/kernel/later.ko", "later_symbol", "");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 6.1.0 2>/dev/null", root);
}

static void teardown(void)
{
	modprobe_free(&plan);
	lookup_free(&names);
	modtree_remove(root);
}

TestSuite(module_modprobe, .init = setup, .fini = teardown);

static void ask(const char *below, const char *name, int r)
{
	struct error err = {0};
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, below);
	cr_assert(lookup_add(&names, path, NULL, 0, &err) > 0, "%s", err.message);
	cr_assert_eq(modprobe_plan(&plan, &names, 0, name), r);
}

static void expect_step(size_t i, const char *name, bool is_optional)
{
	char end[64];

	cr_assert_lt(i, plan.nr);
	snprintf(end, sizeof(end), "/%s.ko", name);
	cr_expect_str_eq(plan.steps[i].name, name);
	cr_assert_not_null(plan.steps[i].path);
	cr_expect(strstr(plan.steps[i].path, end), "%s", plan.steps[i].path);
	cr_expect_eq(plan.steps[i].is_optional, is_optional, "%s", name);
	cr_expect_str_empty(plan.steps[i].options);
	cr_expect_null(plan.steps[i].command);
	cr_expect_eq(plan.steps[i].group, 0);
}

static void expect_middle_for(const char *below, const char *name)
{
	ask(below, name, 0);
	cr_expect_eq(plan.nr, 2);
	cr_expect_eq(plan.nr_groups, 1);
	expect_step(0, "base", false);
	expect_step(1, "middle", false);
}

Test(module_modprobe, what_is_needed_comes_first)
{
	expect_middle_for(TREE "/kernel/tried.ko", "middle");
}

Test(module_modprobe, softdeps_stand_around_it)
{
	modtree_run("printf 'softdep middle pre: tried nowhere post: later\n"
		    "softdep tried pre: middle\n' >'%s/" TREE "/modules.softdep'",
		    root);
	ask(TREE "/kernel/base.ko", "middle", 0);
	cr_expect_eq(plan.nr, 4);
	expect_step(0, "base", false);
	expect_step(1, "tried", true);
	expect_step(2, "middle", false);
	expect_step(3, "later", true);
}

/* As request_module("symbol:NAME") has it. */
Test(module_modprobe, aliases)
{
	expect_middle_for(TREE "/kernel/base.ko", "symbol:middle_symbol");
}

Test(module_modprobe, a_name_that_nobody_knows)
{
	ask(TREE "/kernel/base.ko", "crypto-nothing", 0);
	cr_expect_eq(plan.nr, 0);
	cr_expect_eq(plan.nr_groups, 0);
}

/* "-" and "_" are the same. */
Test(module_modprobe, a_name_may_be_spelt_as_the_file)
{
	ask(TREE "/kernel/base.ko", "user-mod", 0);
	cr_expect_eq(plan.nr, 3);
	cr_expect_str_eq(plan.steps[2].name, "user_mod");
}

Test(module_modprobe, no_tree)
{
	names.tree = "/nowhere";
	modtree_write(root, "loose.ko", "loose_symbol", "");
	ask("loose.ko", "base", -ENOENT);
}
