/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many names at once, met letter by letter. */
#include "kcore/trie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 65000 };

uint16_t trie_step(const struct trie *trie, uint16_t node, char letter)
{
	uint16_t child = trie->nodes[node].first_child;

	while (child != TRIE_ROOT && trie->nodes[child].letter != letter)
		child = trie->nodes[child].next_sibling;
	return child == TRIE_ROOT ? (uint16_t)TRIE_DEAD : child;
}

static void add(struct trie *trie, const char *name, size_t i)
{
	uint16_t node = TRIE_ROOT;

	for (; *name; name++) {
		uint16_t next = trie_step(trie, node, *name);

		if (next == TRIE_DEAD) {
			next = trie->nr_nodes++;
			trie->nodes[next] = (struct trie_node){
				.letter = *name,
				.next_sibling = trie->nodes[node].first_child,
				.name = SIZE_MAX,
			};
			trie->nodes[node].first_child = next;
		}
		node = next;
	}
	trie->next_same[i] = trie->nodes[node].name;
	trie->nodes[node].name = i;
}

int trie_make(struct trie *ret, size_t nr, const char *const names[])
{
	struct trie trie = {.nr_nodes = 1};
	size_t room = 1;

	for (size_t i = 0; i < nr; i++)
		room += strlen(names[i]);
	if (room > MAX_NODES)
		return -E2BIG;
	trie.nodes = calloc(room, sizeof(*trie.nodes));
	trie.next_same = calloc(nr + 1, sizeof(*trie.next_same));
	if (!trie.nodes || !trie.next_same) {
		trie_close(&trie);
		return -ENOMEM;
	}
	trie.nodes[TRIE_ROOT].name = SIZE_MAX;
	for (size_t i = 0; i < nr; i++)
		add(&trie, names[i], i);
	*ret = trie;
	return 0;
}

void trie_close(struct trie *trie)
{
	free(trie->nodes);
	free(trie->next_same);
	*trie = (struct trie){0};
}
