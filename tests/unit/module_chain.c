/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loose files, and a tree whose index depmod has made. */
#include "module/chain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modtree.h"

static char root[] = "/tmp/kwcheck-chain-XXXXXX";

static void setup(void)
{
	modtree_make(root);
}

static void teardown(void)
{
	modtree_remove(root);
}

TestSuite(module_chain, .init = setup, .fini = teardown);

/* middle needs base, and both are installed. */
static const char *write_tree(void)
{
	static char tree[PATH_MAX];

	modtree_write(root, "lib/modules/1.0/kernel/middle.ko", "middle_symbol",
		      "base_symbol");
	modtree_write(root, "lib/modules/1.0/kernel/base-mod.ko", "base_symbol", "");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 1.0 2>/dev/null", root);
	snprintf(tree, sizeof(tree), "%s/lib/modules/1.0", root);
	return tree;
}

/* A file of that name, which says @words of itself ("dname\nisymbol\n"). */
static size_t add(struct lookup *names, const char *path, const char *words)
{
	struct error err = {0};
	char full[PATH_MAX];
	size_t number = names->nr;

	modtree_write(root, path, "unused", "");
	snprintf(full, sizeof(full), "%s/%s", root, path);
	cr_assert_gt(lookup_add(names, full, NULL, 0, &err), 0, "%s", err.message);
	cr_assert(names->array[number].is_loose);
	cr_assert_eq(linkage_read(&names->array[number].linkage, words, strlen(words)),
		     0);
	return number;
}

/* @ends: of the paths of what entry @number needs, in order, parted by spaces. */
static void expect_needs(const struct lookup *names, size_t number, const char *ends)
{
	const struct lookup_entry *entry = &names->array[number];
	char got[4096] = "";

	for (size_t i = 0; i < entry->needs.nr; i++) {
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
			 i ? " " : "",
			 strrchr(names->array[entry->needs.array[i].number].path, '/') +
				 1);
		cr_expect_neq(entry->needs.array[i].number, number);
	}
	cr_expect_str_eq(got, ends, "%s", entry->path);
}

Test(module_chain, what_is_installed_comes_with_what_it_needs)
{
	struct lookup names = {.tree = write_tree()};
	size_t by_name = add(&names, "a/one.ko", "dmiddle\n"),
	       by_symbol = add(&names, "a/two.ko", "imiddle_symbol\niprintk\n"),
	       both = add(&names, "a/three.ko", "dbase_mod\nimiddle_symbol\n"),
	       nowhere = add(&names, "a/four.ko", "dnowhere\n");

	cr_assert_eq(chain_find(&names), 0);
	expect_needs(&names, by_name, "base-mod.ko middle.ko");
	expect_needs(&names, by_symbol, "base-mod.ko middle.ko");
	/* Its own word is enough where it has one. */
	expect_needs(&names, both, "base-mod.ko");
	expect_needs(&names, nowhere, "");
	cr_expect_null(chain_why_not(&names.array[nowhere], "nowhere"));
	lookup_free(&names);
}

/* Its own word, given or installed; what they need is tried, too. */
Test(module_chain, what_modprobe_tries)
{
	struct lookup names = {.tree = write_tree()};
	size_t one = add(&names, "a/one.ko", "smiddle\nsgiven\nsnowhere\n"),
	       two = add(&names, "a/two.ko", "smiddle\ndbase_mod\n");

	add(&names, "a/given.ko", "");
	cr_assert_eq(chain_find(&names), 0);
	expect_needs(&names, one, "base-mod.ko middle.ko given.ko");
	for (size_t i = 0; i < 3; i++)
		cr_expect(names.array[one].needs.array[i].is_optional);
	expect_needs(&names, two, "base-mod.ko middle.ko");
	cr_expect_not(names.array[two].needs.array[0].is_optional);
	cr_expect(names.array[two].needs.array[1].is_optional);
	lookup_free(&names);
}

/* Of two the one that was given is meant, whatever its file is called. */
Test(module_chain, what_was_given_comes_before_what_is_installed)
{
	struct lookup names = {.tree = write_tree()};
	size_t user = add(&names, "a/user.ko", "ddahdi\ndmiddle\n"),
	       symbol = add(&names, "a/symbol.ko", "igiven_symbol\n"),
	       dahdi = add(&names, "a/dahdi-1.2.ko",
			   "ndahdi\ndbase-mod\nxgiven_symbol\n"),
	       middle = add(&names, "b/middle.ko", "");

	cr_assert_eq(chain_find(&names), 0);
	expect_needs(&names, user, "base-mod.ko dahdi-1.2.ko middle.ko");
	cr_expect_eq(names.array[user].needs.array[1].number, dahdi);
	cr_expect_eq(names.array[user].needs.array[2].number, middle);
	expect_needs(&names, symbol, "base-mod.ko dahdi-1.2.ko");
	lookup_free(&names);
}

Test(module_chain, circles)
{
	struct lookup names = {.tree = "/nowhere"};
	size_t self = add(&names, "self.ko", "dself\niown\nxown\n"),
	       a = add(&names, "a.ko", "db\n"), b = add(&names, "b.ko", "dc\n"),
	       c = add(&names, "c.ko", "da\n"), user = add(&names, "user.ko", "da\n");

	cr_assert_eq(chain_find(&names), 0);
	expect_needs(&names, self, "");
	cr_expect_null(chain_why_not(&names.array[self], "self"));
	expect_needs(&names, a, "");
	cr_expect_not_null(chain_why_not(&names.array[a], "b"));
	cr_expect_not_null(chain_why_not(&names.array[b], "c"));
	cr_expect_not_null(chain_why_not(&names.array[c], "a"));
	expect_needs(&names, user, "");
	cr_expect_not_null(chain_why_not(&names.array[user], "a"));
	lookup_free(&names);
}

/* A chain of 300, and one file that names them all. */
Test(module_chain, too_many)
{
	enum { NR = 300 };
	struct lookup names = {.tree = "/nowhere"};
	char path[32], words[64], all[NR * 16] = "";
	size_t last = 0, user;

	for (int i = 0; i < NR; i++) {
		snprintf(path, sizeof(path), "m%d.ko", i);
		snprintf(words, sizeof(words), "dm%d\n", i + 1);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "dm%d\n", i);
		last = add(&names, path, i + 1 < NR ? words : "");
	}
	user = add(&names, "user.ko", all);
	cr_assert_eq(chain_find(&names), 0);
	cr_expect_eq(names.array[last - 1].needs.nr, 1);
	cr_expect_not_null(chain_why_not(&names.array[0], "m1"));
	cr_expect_not_null(chain_why_not(&names.array[user], "m0"));
	cr_expect_leq(names.array[user].needs.nr, 127);
	lookup_free(&names);
}
