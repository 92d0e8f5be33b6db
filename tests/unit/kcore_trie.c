/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/trie.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint16_t follow(const struct trie *trie, const char *word)
{
	uint16_t node = TRIE_ROOT;

	for (; *word && node != TRIE_DEAD; word++)
		node = trie_step(trie, node, *word);
	return node;
}

Test(kcore_trie, names_are_told_apart)
{
	static const char *const names[] = {"idt_table", "idt_descr", "idt", "idt_table"};
	struct trie trie;
	uint16_t node;
	size_t name;

	cr_assert_eq(trie_make(&trie, 4, names), 0);
	node = follow(&trie, "idt_table");
	cr_assert_neq(node, TRIE_DEAD);
	name = trie.nodes[node].name;
	/* Both of the two that are equal, and no more. */
	cr_expect(name == 0 || name == 3);
	cr_expect_eq(trie.next_same[name], 3 - name);
	cr_expect_eq(trie.next_same[3 - name], SIZE_MAX);
	cr_expect_eq(trie.nodes[follow(&trie, "idt")].name, 2);
	cr_expect_eq(trie.nodes[follow(&trie, "idt_")].name, SIZE_MAX);
	cr_expect_eq(follow(&trie, "idt_tables"), TRIE_DEAD);
	cr_expect_eq(follow(&trie, "gdt"), TRIE_DEAD);
	trie_close(&trie);
}

Test(kcore_trie, none_and_too_many)
{
	char *name = malloc(40001);
	const char *const names[] = {name, name};
	struct trie trie;

	cr_assert_eq(trie_make(&trie, 0, NULL), 0);
	cr_expect_eq(follow(&trie, "a"), TRIE_DEAD);
	trie_close(&trie);
	memset(name, 'a', 40000);
	name[40000] = '\0';
	cr_expect_eq(trie_make(&trie, 2, names), -E2BIG);
	free(name);
}
