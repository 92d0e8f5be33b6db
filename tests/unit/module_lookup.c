/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of modules with depmod's own index. */
#include "module/lookup.h"

#include <criterion/criterion.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ko.h"

static char root[] = "/tmp/kwcheck-names-XXXXXX";

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
	char command[2 * PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	cr_assert_eq(system(command), 0, "%s", command);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(root));
}

static void teardown(void)
{
	run("rm -r '%s'", root);
}

TestSuite(module_lookup, .init = setup, .fini = teardown);

/* @path below root: a module that exports @exported and uses @used. */
static void write_module(const char *path, const char *exported, const char *used)
{
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {"__ksymtab_strings", SHF_ALLOC, 0, exported,
			      strlen(exported) + 1, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {used, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = *used ? 2 : 1,
	};
	char full[PATH_MAX], folder[PATH_MAX];
	size_t size_bytes;
	unsigned char *bytes = ko_bytes(&ko, &size_bytes);
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	snprintf(folder, sizeof(folder), "%s", full);
	run("mkdir -p '%s'", dirname(folder));
	file = fopen(full, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, size_bytes, file), size_bytes);
	fclose(file);
	free(bytes);
}

/* Release @release: user-mod needs middle, and that needs base. */
static void write_tree(const char *release)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "lib/modules/%s/kernel/a/user-mod.ko", release);
	write_module(path, "user_symbol", "middle_symbol");
	snprintf(path, sizeof(path), "lib/modules/%s/kernel/b/middle.ko", release);
	write_module(path, "middle_symbol", "base_symbol");
	snprintf(path, sizeof(path), "lib/modules/%s/kernel/b/c/base.ko", release);
	write_module(path, "base_symbol", "");
	run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' %s 2>/dev/null", root, release);
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

	cr_assert_lt(i, name->nr_needs);
	path = names->array[name->needs[i]].path;
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
	cr_assert_eq(user->nr_needs, 2);
	/* In the order in which they are loaded. */
	expect_need(&names, user, 0, "/b/c/base.ko");
	expect_need(&names, user, 1, "/b/middle.ko");
	cr_expect_eq(find(&names, "/b/c/base.ko")->nr_needs, 0);
	lookup_free(&names);
}

/* Each module needs those of its own tree, whatever tree came before it. */
/* As depmod does. */
Test(module_lookup, links_are_followed)
{
	struct lookup names = {0};

	write_module("updates/real.ko", "real_symbol", "");
	run("ln -s real.ko '%s/updates/linked.ko' && mkdir '%s/updates/folder.ko'", root,
	    root);
	cr_expect_eq(add(&names, "updates"), 2);
	cr_expect_not_null(find(&names, "/updates/linked.ko"));
	lookup_free(&names);
}

Test(module_lookup, two_trees)
{
	struct lookup names = {0};

	write_tree("6.1.0");
	write_tree("6.12.0");
	write_module("lib/modules/loose.ko", "loose_symbol", "base_symbol");
	cr_expect_eq(add(&names, "lib/modules"), 7);
	expect_need(&names, find(&names, "/6.1.0/kernel/a/user-mod.ko"), 1,
		    "/6.1.0/kernel/b/middle.ko");
	expect_need(&names, find(&names, "/6.12.0/kernel/a/user-mod.ko"), 1,
		    "/6.12.0/kernel/b/middle.ko");
	cr_expect_eq(find(&names, "/modules/loose.ko")->nr_needs, 0);
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
	cr_expect_eq(user->nr_needs, 2);
	expect_need(&names, user, 0, "/b/c/base.ko");
	cr_expect_not(find(&names, "/b/c/base.ko")->is_wanted);
	lookup_free(&names);
}

Test(module_lookup, a_folder_without_an_index)
{
	struct lookup names = {0};

	write_module("some/one.ko", "one_symbol", "two_symbol");
	write_module("some/two.ko", "two_symbol", "");
	cr_expect_eq(add(&names, "some"), 2);
	cr_expect_eq(find(&names, "/one.ko")->nr_needs, 0);
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
	write_module("user.ko", "other_symbol", "");
	snprintf(tree, sizeof(tree), "%s/lib/modules/6.1.0", root);
	names.tree = tree;
	cr_expect(lookup_has_index(tree));
	cr_expect_not(lookup_has_index(root));
	cr_expect_eq(lookup_add(&names, "user_mod", NULL, 0, &err), 1, "%s", err.message);
	expect_need(&names, find(&names, "/a/user-mod.ko"), 1, "/b/middle.ko");
	cr_expect_eq(add(&names, "user.ko"), 1);
	number = (size_t)(find(&names, "/user.ko") - names.array);
	cr_expect_eq(lookup_installed(&names, number, "user-mod", &number), 1);
	cr_expect_eq(lookup_installed(&names, number, "nobody", &number), 0);
	cr_expect_lt(lookup_add(&names, "nobody", NULL, 0, &err), 0);
	cr_expect_not_null(strstr(err.message, tree), "%s", err.message);
	lookup_free(&names);
}
