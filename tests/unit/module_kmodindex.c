/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/kmodindex.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modtree.h"

/* A leaf with a value at 12, and the root at 25 that leads to it by 'a'. */
static const unsigned char good[] = {
	0xb0, 0x07, 0xf4, 0x57, 0,    2, 0, 1,	0xa0, 0, 0, 25, /* prefix, children */
	0,    0,    0,	  1,	0,    0, 0, 7,			/* 1 value, priority */
	'v',  'a',  'l',  0,	0,				/* "val"; */
	'p',  0,    'a',  'b',	0x40, 0, 0, 12, 0,    0, 0, 0,	/* "p": a at 12, no b */
};

static void expect(size_t at, unsigned char byte, const char *why)
{
	unsigned char bytes[sizeof(good)];
	const char *got;

	memcpy(bytes, good, sizeof(good));
	bytes[at] = byte;
	got = kmodindex_why_bad(bytes, sizeof(bytes));
	cr_expect(got && strstr(got, why), "byte %zu: %s", at, got);
}

Test(module_kmodindex, a_whole_one)
{
	cr_expect_null(kmodindex_why_bad(good, sizeof(good)));
	cr_expect_null(kmodindex_why_bad(good, 0));
	for (size_t nr = 1; nr < sizeof(good); nr++)
		cr_expect_not_null(kmodindex_why_bad(good, nr), "%zu bytes", nr);
}

Test(module_kmodindex, what_libkmod_would_follow_anywhere)
{
	expect(0, 0xb1, "begin");
	expect(5, 3, "begin");
	expect(11, 80, "where none can"); /* the root behind the end */
	expect(11, 4, "where none can");  /* in the header */
	expect(27, 'c', "no characters"); /* from c to b */
	expect(28, 0x80, "no characters");
	expect(28, 'z', "cut short");
	expect(12, 1, "cut short"); /* 16 million values */
	expect(10, 0x7f, "where none can");
}

/* kmod 34 writes the root at 12, with what it leads to behind it. */
Test(module_kmodindex, a_node_before_its_children)
{
	static const unsigned char later[] = {
		0xb0, 0x07, 0xf4, 0x57, 0,    2, 0, 1,	0xa0, 0, 0, 12, /* the root */
		'p',  0,    'a',  'b',	0x40, 0, 0, 24, 0,    0, 0, 0,	/* a at 24 */
		0,    0,    0,	  1,	0,    0, 0, 7,	'v',  0,	/* 1 value */
	};

	cr_expect_null(kmodindex_why_bad(later, sizeof(later)));
}

Test(module_kmodindex, a_child_that_is_its_own_parent)
{
	unsigned char bytes[sizeof(good)];

	memcpy(bytes, good, sizeof(good));
	bytes[29] = 0xa0;
	bytes[32] = 25;
	cr_expect_str_eq(kmodindex_why_bad(bytes, sizeof(bytes)),
			 "its nodes are no tree");
}

/* Each node has two children, which are the same: 2^40 ways through. */
Test(module_kmodindex, nodes_that_are_no_tree)
{
	unsigned char bytes[12 + 9 + 40 * 10] = {0xb0, 0x07, 0xf4, 0x57, 0, 2, 0, 1};
	uint32_t child = 12, at = 21;

	bytes[15] = 1;
	for (int i = 0; i < 40; i++, child = at, at += 10) {
		bytes[at] = 'a';
		bytes[at + 1] = 'b';
		for (int j = 0; j < 2; j++) {
			unsigned char *reference = bytes + at + 2 + 4 * j;

			reference[0] = i ? 0x20 : 0x40;
			reference[2] = (unsigned char)(child >> 8);
			reference[3] = (unsigned char)child;
		}
	}
	bytes[8] = 0x20;
	bytes[10] = (unsigned char)(child >> 8);
	bytes[11] = (unsigned char)child;
	cr_expect_str_eq(kmodindex_why_bad(bytes, sizeof(bytes)),
			 "its nodes are no tree");
}

/* What depmod writes; and the same, damaged. */
Test(module_kmodindex, a_folder)
{
	char root[] = "/tmp/kwcheck-kmodindex-XXXXXX", tree[128];
	struct error err = {0};

	modtree_make(root);
	modtree_write(root, "lib/modules/1.0/kernel/one.ko", "one_symbol", "");
	modtree_write(root, "lib/modules/1.0/kernel/two.ko", "two_symbol", "one_symbol");
	modtree_run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 1.0 2>/dev/null", root);
	snprintf(tree, sizeof(tree), "%s/lib/modules/1.0", root);
	cr_expect_eq(kmodindex_check(tree, &err), 0, "%s", err.message);
	cr_expect_eq(kmodindex_check("/nowhere", &err), 0, "%s", err.message);
	modtree_run("truncate -s -3 '%s/modules.alias.bin'", tree);
	modtree_run("truncate -s 40 '%s/modules.symbols.bin'", tree);
	cr_expect_lt(kmodindex_check(tree, &err), 0);
	cr_expect(strstr(err.message, "/modules."), "%s", err.message);
	cr_expect(strstr(err.message, ".bin: not used: "), "%s", err.message);
	cr_expect(strstr(err.message, "; depmod makes it anew"), "%s", err.message);
	modtree_run("rm '%s/modules.alias.bin' '%s/modules.symbols.bin'", tree, tree);
	err = (struct error){0};
	cr_expect_eq(kmodindex_check(tree, &err), 0, "%s", err.message);
	modtree_run("mkfifo '%s/modules.alias.bin'", tree);
	cr_expect_lt(kmodindex_check(tree, &err), 0);
	cr_expect(strstr(err.message, "it is no file"), "%s", err.message);
	modtree_remove(root);
}
