/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clerk, and what its workers make of its answers. */
#include "cmd/clerk.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/requested.h"
#include "modtree.h"
#include "rig.h"

#define TREE "lib/modules/6.1.0"

static char root[] = "/tmp/kwcheck-clerk-XXXXXX";
static struct lookup names;
static struct clerk clerk;

static void start(bool is_for_core)
{
	struct error err = {0};
	char path[PATH_MAX];

	modtree_make(root);
	/* Nobody but root has to be able to read them. */
	modtree_run("chmod 755 '%s'", root);
	modtree_write(root, TREE "/kernel/user.ko", "user_symbol", "base_symbol");
	modtree_write(root, TREE "/kernel/base.ko", "base_symbol", "");
	modtree_write(root, "loose.ko", "loose_symbol", "");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 6.1.0 2>/dev/null", root);
	names.tree = "/nowhere";
	snprintf(path, sizeof(path), "%s/" TREE "/kernel/base.ko", root);
	cr_assert_eq(lookup_add(&names, path, NULL, 0, &err), 1);
	snprintf(path, sizeof(path), "%s/loose.ko", root);
	cr_assert_eq(lookup_add(&names, path, NULL, 0, &err), 1);
	cr_assert_eq(clerk_start(&clerk, 2, &names, true, is_for_core), 0);
}

static void teardown(void)
{
	clerk_stop(&clerk);
	lookup_free(&names);
	modtree_remove(root);
}

TestSuite(cmd_clerk, .fini = teardown);

static void expect_file(const char *name)
{
	struct clerk_step step;
	int fd = -1;

	cr_assert_eq(clerk_hear(&clerk, 0, &step, &fd), 0);
	cr_expect_eq(step.kind, CLERK_FILE);
	cr_expect_str_eq(step.name, name);
	cr_assert(fd >= 0);
	cr_expect_eq(close(fd), 0);
}

static void expect_end(unsigned worker, enum clerk_kind kind, unsigned nr_groups)
{
	struct clerk_step step;
	int fd;

	cr_assert_eq(clerk_hear(&clerk, worker, &step, &fd), 0);
	cr_expect_eq(step.kind, kind);
	cr_expect_eq(step.nr_groups, nr_groups);
	cr_expect_eq(fd, -1);
}

Test(cmd_clerk, what_is_needed_and_the_module)
{
	start(true);
	cr_assert_eq(clerk_ask(&clerk, 0, 0, "user"), 0);
	expect_file("base");
	expect_file("user");
	expect_end(0, CLERK_END, 1);
	cr_assert_eq(clerk_ask(&clerk, 1, 0, "nothing"), 0);
	expect_end(1, CLERK_END, 0);
}

/* The rest of an answer that was not heard is not taken for the next one. */
Test(cmd_clerk, each_answer_is_to_its_own_question)
{
	start(true);
	cr_assert_eq(clerk_ask(&clerk, 0, 0, "user"), 0);
	expect_file("base");
	cr_assert_eq(clerk_ask(&clerk, 0, 0, "nothing"), 0);
	expect_end(0, CLERK_END, 0);
}

/* modprobe would find nothing here; what another machine has is not known. */
Test(cmd_clerk, without_a_tree)
{
	start(false);
	cr_assert_eq(clerk_ask(&clerk, 0, 1, "base"), 0);
	expect_end(0, CLERK_END, 0);
	clerk_stop(&clerk);
	cr_assert_eq(clerk_start(&clerk, 1, &names, true, true), 0);
	cr_assert_eq(clerk_ask(&clerk, 0, 1, "base"), 0);
	expect_end(0, CLERK_UNKNOWN, 0);
	cr_assert_eq(clerk_ask(&clerk, 0, 77, "base"), 0);
	expect_end(0, CLERK_UNKNOWN, 0);
}

Test(cmd_clerk, a_clerk_that_is_gone)
{
	start(true);
	clerk_stop(&clerk);
	cr_expect_lt(clerk_ask(&clerk, 0, 0, "user"), 0);
}

#ifdef KWCHECK_UNICORN

Test(cmd_clerk, plans_are_heard_once)
{
	static struct rig rig;
	struct requested requested = {.clerk = &clerk};
	const struct request_plan *plan;

	start(true);
	rig_open(&rig, RIG_SYMBOLS);
	requested_begin(&requested, &rig.space, 0);
	plan = requested_plan(&requested, "user");
	cr_assert_not_null(plan);
	cr_expect_eq(plan->nr, 2);
	cr_expect_eq(plan->nr_groups, 1);
	for (size_t i = 0; i < plan->nr; i++) {
		cr_expect_eq(plan->steps[i].kind, REQUEST_LOAD);
		cr_assert_not_null(plan->steps[i].module);
		cr_expect_str_empty(plan->steps[i].options);
	}
	cr_expect_str_eq(plan->steps[0].name, "base");
	cr_expect_eq(requested_plan(&requested, "user"), plan);
	plan = requested_plan(&requested, "nothing");
	cr_assert_not_null(plan);
	cr_expect_eq(plan->nr_groups, 0);
	/* Of the next module, whose tree is another. */
	requested_begin(&requested, &rig.space, 1);
	cr_expect_null(requested_plan(&requested, "user"));
	requested_close(&requested);
	rig_close(&rig);
}

#endif
