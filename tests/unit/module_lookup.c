/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of modules with depmod's own index. */
#include "module/lookup.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modtree.h"

static char root[] = "/tmp/kwcheck-names-XXXXXX";

static void setup(void)
{
	modtree_make(root);
}

static void teardown(void)
{
	modtree_remove(root);
}

TestSuite(module_lookup, .init = setup, .fini = teardown);

/* Release @release: user-mod needs middle, and that needs base. */
static void write_tree(const char *release)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "lib/modules/%s/kernel/a/user-mod.ko", release);
	modtree_write(root, path, "user_symbol", "middle_symbol");
	snprintf(path, sizeof(path), "lib/modules/%s/kernel/b/middle.ko", release);
	modtree_write(root, path, "middle_symbol", "base_symbol");
	snprintf(path, sizeof(path), "lib/modules/%s/kernel/b/c/base.ko", release);
	modtree_write(root, path, "base_symbol", "");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' %s 2>/dev/null", root,
		    release);
}

static const struct lookup_entry *find(const struct lookup *names, const char *end)
{
	for (size_t i = 0; i < names->nr; i++) {
		const char *path = names->array[i].path;

		if (strlen(path) > strlen(end) &&
		    strcmp(path + strlen(path) - strlen(end), end) == 0)
			return &names->array[i];
	}
	return NULL;
}

static void expect_need(const struct lookup *names, const struct lookup_entry *name,
			size_t i, const char *end)
{
	const char *path;

	cr_assert_lt(i, name->needs.nr);
	path = names->array[name->needs.array[i].number].path;
	cr_expect_gt(strlen(path), strlen(end));
	cr_expect_str_eq(path + strlen(path) - strlen(end), end);
	cr_expect_eq(access(path, R_OK), 0, "%s", path);
}

static int add(struct lookup *names, const char *below)
{
	struct error err = {0};
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%s", root, below);
	r = lookup_add(names, path, NULL, 0, &err);
	cr_expect(r > 0, "%s", err.message);
	return r;
}

Test(module_lookup, a_tree)
{
	struct lookup names = {0};
	const struct lookup_entry *user;

	write_tree("6.1.0");
	cr_expect_eq(add(&names, "lib/modules/6.1.0"), 3);
	user = find(&names, "/a/user-mod.ko");
	cr_assert_not_null(user);
	cr_expect(user->is_wanted);
	cr_assert_eq(user->needs.nr, 2);
	/* In the order in which they are loaded. */
	expect_need(&names, user, 0, "/b/c/base.ko");
	expect_need(&names, user, 1, "/b/middle.ko");
	cr_expect_eq(find(&names, "/b/c/base.ko")->needs.nr, 0);
	lookup_free(&names);
}

/* modprobe tries them before what they are named for, and goes on if they do not load. */
Test(module_lookup, softdeps)
{
	struct lookup names = {0};
	const struct lookup_entry *user;

	modtree_write(root, "lib/modules/6.1.0/kernel/b/tried.ko", "tried_symbol",
		      "below_symbol");
	modtree_write(root, "lib/modules/6.1.0/kernel/b/below.ko", "below_symbol", "");
	write_tree("6.1.0");
	modtree_run(
		"printf 'softdep middle pre: tried\nsoftdep below pre: middle\n"
		"softdep tried pre: tried\nsoftdep user_mod post: base pre: nowhere\n' "
		">'%s/lib/modules/6.1.0/modules.softdep'",
		root);
	add(&names, "lib/modules/6.1.0/kernel/a");
	user = find(&names, "/a/user-mod.ko");
	cr_assert_eq(user->needs.nr, 4);
	expect_need(&names, user, 0, "/b/c/base.ko");
	expect_need(&names, user, 1, "/b/below.ko");
	expect_need(&names, user, 2, "/b/tried.ko");
	expect_need(&names, user, 3, "/b/middle.ko");
	cr_expect_not(user->needs.array[0].is_optional);
	cr_expect(user->needs.array[1].is_optional);
	cr_expect(user->needs.array[2].is_optional);
	cr_expect_not(user->needs.array[3].is_optional);
	lookup_free(&names);
}

/* Each module needs those of its own tree, whatever tree came before it. */
/* As depmod does. */
Test(module_lookup, links_are_followed)
{
	struct lookup names = {0};

	modtree_write(root, "updates/real.ko", "real_symbol", "");
	modtree_run(
		"ln -s real.ko '%s/updates/linked.ko' && mkdir '%s/updates/folder.ko'",
		root, root);
	cr_expect_eq(add(&names, "updates"), 2);
	cr_expect_not_null(find(&names, "/updates/linked.ko"));
	lookup_free(&names);
}

Test(module_lookup, two_trees)
{
	struct lookup names = {0};

	write_tree("6.1.0");
	write_tree("6.12.0");
	modtree_write(root, "lib/modules/loose.ko", "loose_symbol", "base_symbol");
	cr_expect_eq(add(&names, "lib/modules"), 7);
	expect_need(&names, find(&names, "/6.1.0/kernel/a/user-mod.ko"), 1,
		    "/6.1.0/kernel/b/middle.ko");
	expect_need(&names, find(&names, "/6.12.0/kernel/a/user-mod.ko"), 1,
		    "/6.12.0/kernel/b/middle.ko");
	cr_expect_eq(find(&names, "/modules/loose.ko")->needs.nr, 0);
	lookup_free(&names);
}

/* The index lies above what is given. */
Test(module_lookup, a_part_of_a_tree)
{
	struct lookup names = {0};
	const struct lookup_entry *user;

	write_tree("6.1.0");
	cr_expect_eq(add(&names, "lib/modules/6.1.0/kernel/a"), 1);
	cr_expect_eq(add(&names, "lib/modules/6.1.0/kernel/a/user-mod.ko"), 1);
	user = find(&names, "/a/user-mod.ko");
	cr_expect_eq(user->needs.nr, 2);
	expect_need(&names, user, 0, "/b/c/base.ko");
	cr_expect_not(find(&names, "/b/c/base.ko")->is_wanted);
	lookup_free(&names);
}

Test(module_lookup, a_folder_without_an_index)
{
	struct lookup names = {0};

	modtree_write(root, "some/one.ko", "one_symbol", "two_symbol");
	modtree_write(root, "some/two.ko", "two_symbol", "");
	cr_expect_eq(add(&names, "some"), 2);
	cr_expect_eq(find(&names, "/one.ko")->needs.nr, 0);
	lookup_free(&names);
}

/* What lies in no tree and what is named only belong to the one that was set. */
Test(module_lookup, the_tree_that_was_set)
{
	struct lookup names = {0};
	struct error err = {0};
	char tree[PATH_MAX];
	size_t number;

	write_tree("6.1.0");
	modtree_write(root, "user.ko", "other_symbol", "");
	snprintf(tree, sizeof(tree), "%s/lib/modules/6.1.0", root);
	names.tree = tree;
	cr_expect(lookup_has_index(tree));
	cr_expect_not(lookup_has_index(root));
	cr_expect_eq(lookup_add(&names, "user_mod", NULL, 0, &err), 1, "%s", err.message);
	expect_need(&names, find(&names, "/a/user-mod.ko"), 1, "/b/middle.ko");
	cr_expect_eq(add(&names, "user.ko"), 1);
	number = (size_t)(find(&names, "/user.ko") - names.array);
	cr_expect(lookup_has_tree(&names, number));
	names.tree = NULL;
	cr_expect_not(lookup_has_tree(&names, number));
	cr_expect(lookup_has_tree(
		&names, (size_t)(find(&names, "/a/user-mod.ko") - names.array)));
	names.tree = tree;
	cr_expect_eq(lookup_installed(&names, number, "user-mod", &number), 1);
	cr_expect_eq(lookup_installed(&names, number, "nobody", &number), 0);
	cr_expect_lt(lookup_add(&names, "nobody", NULL, 0, &err), 0);
	cr_expect_not_null(strstr(err.message, tree), "%s", err.message);
	/* As insmod takes a flag. */
	cr_expect_not_null(strstr(err.message, "NAME=VALUE, a flag NAME=1"), "%s",
			   err.message);
	err = (struct error){0};
	cr_expect_lt(lookup_add(&names, "midle", NULL, 0, &err), 0);
	cr_expect(strstr(err.message, "; did you mean middle"), "%s", err.message);
	lookup_free(&names);
}

/* libkmod would follow it to anywhere in memory. */
Test(module_lookup, a_damaged_index)
{
	struct lookup names = {0};
	struct error err = {0};
	char tree[PATH_MAX];

	write_tree("6.1.0");
	modtree_write(root, "user.ko", "other_symbol", "");
	snprintf(tree, sizeof(tree), "%s/lib/modules/6.1.0", root);
	modtree_run("printf '\\377\\377\\377' | dd of='%s/modules.dep.bin' bs=1 seek=9 "
		    "conv=notrunc 2>/dev/null",
		    tree);
	names.tree = tree;
	cr_expect_lt(lookup_add(&names, "user_mod", NULL, 0, &err), 0);
	cr_expect(strstr(err.message, "modules.dep.bin: not used: "), "%s", err.message);
	/* A file is there all the same. */
	cr_expect_eq(add(&names, "user.ko"), 1);
	cr_expect_eq(names.damage.code, ERROR_FILE);
	cr_expect(strstr(names.damage.message, tree), "%s", names.damage.message);
	lookup_free(&names);
}

Test(module_lookup, the_path_of_a_name)
{
	struct lookup names = {0};
	char tree[PATH_MAX], path[PATH_MAX];

	write_tree("1.0");
	snprintf(tree, sizeof(tree), "%s/lib/modules/1.0", root);
	names.tree = tree;
	cr_assert(lookup_path(&names, "user_mod", path));
	cr_expect_str_eq(path + strlen(tree), "/kernel/a/user-mod.ko");
	cr_expect_not(lookup_path(&names, "kernel/a/user-mod.ko", path));
	cr_expect_not(lookup_path(&names, "nobody", path));
	cr_expect_eq(names.nr, 0);
	lookup_free(&names);
}

/* "modprobe NAME 'a=b c'" passes a="b c" on, insmod what it was given; as is seen by
 * modprobe -n -v.
 */
Test(module_lookup, modprobe_quotes_what_has_blanks)
{
	static char texts[][12] = {"a=b c", "d=\"e f\"", "g='h i'", "j=k", "l m", "n="};
	static const char *const quoted[] = {"a=\"b c\"", "d=\"e f\"", "g='h i'",
					     "j=k",	  "l m",       "n="};
	struct lookup names = {0};
	struct error err = {0};
	const struct lookup_entry *name;
	char tree[PATH_MAX], path[PATH_MAX + 32], *words[6];

	for (size_t i = 0; i < 6; i++)
		words[i] = texts[i];
	write_tree("6.1.0");
	snprintf(tree, sizeof(tree), "%s/lib/modules/6.1.0", root);
	names.tree = tree;
	cr_assert_eq(lookup_add(&names, "base", words, 6, &err), 1, "%s", err.message);
	name = find(&names, "/base.ko");
	cr_expect_eq(name->nr_configured, 0);
	cr_assert_eq(name->nr_words, 6);
	for (size_t i = 0; i < 6; i++)
		cr_expect_str_eq(name->words[i], quoted[i]);
	/* By its file: as insmod. */
	snprintf(path, sizeof(path), "%s/kernel/b/c/base.ko", tree);
	cr_assert_eq(lookup_add(&names, path, words, 6, &err), 1, "%s", err.message);
	name = find(&names, "/base.ko");
	cr_assert_eq(name->nr_words, 6);
	cr_expect_str_eq(name->words[0], "a=b c");
	lookup_free(&names);
}
