/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many names at once, met letter by letter: which of them is this? */
#ifndef KWCHECK_KCORE_TRIE_H
#define KWCHECK_KCORE_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRIE_ROOT = 0, TRIE_DEAD = UINT16_MAX - 1 };

/* A place in some of the names. */
struct trie_node {
	char letter;
	uint16_t first_child, next_sibling; /* TRIE_ROOT: none */
	size_t name;			    /* that ends here; SIZE_MAX: none */
};

struct trie {
	struct trie_node *nodes;
	uint16_t nr_nodes;
	size_t *next_same; /* of each name, the next that is equal; SIZE_MAX: none */
};

/* trie_make - of @nr @names, none empty; they need not live on
 * Returns 0; -ENOMEM; -E2BIG: more than 65,000 letters in all.
 */
int trie_make(struct trie *ret, size_t nr, const char *const names[]);
void trie_close(struct trie *trie);

/* The node after @letter from @node, or TRIE_DEAD. */
uint16_t trie_step(const struct trie *trie, uint16_t node, char letter);

#endif
