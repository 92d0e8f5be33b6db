/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things that have a number and a name, to be found by name. */
#include "kcore/nameindex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"

enum { MAX_BITS = 31 };

/* Eight bytes at a time. */
static uint32_t hash(const char *name)
{
	size_t nr_bytes = strlen(name);
	uint64_t n = nr_bytes, word;

	for (; nr_bytes >= sizeof(word); nr_bytes -= sizeof(word), name += sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		n = array_hash(n ^ word);
		n ^= n >> 32;
	}
	word = 0;
	memcpy(&word, name, nr_bytes);
	n = array_hash(n ^ word);
	return (uint32_t)(n >> 32 ^ n);
}

int nameindex_open(struct nameindex *ret, size_t nr)
{
	struct nameindex index = {0};
	unsigned bits = 1;

	while (bits <= MAX_BITS && 1UL << bits < nr)
		bits++;
	if (bits > MAX_BITS)
		return -ENOMEM;
	index.mask = (1U << bits) - 1;
	index.heads = calloc((size_t)index.mask + 1, sizeof(*index.heads));
	index.next = calloc(nr ? nr : 1, sizeof(*index.next));
	if (!index.heads || !index.next) {
		nameindex_close(&index);
		return -ENOMEM;
	}
	*ret = index;
	return 0;
}

void nameindex_close(struct nameindex *index)
{
	free(index->heads);
	free(index->next);
	memset(index, 0, sizeof(*index));
}

void nameindex_add(struct nameindex *index, size_t number, const char *name)
{
	uint32_t *head = &index->heads[hash(name) & index->mask];

	index->next[number] = *head;
	*head = (uint32_t)number + 1;
}

bool nameindex_first(const struct nameindex *index, const char *name, size_t *number)
{
	uint32_t head = index->heads ? index->heads[hash(name) & index->mask] : 0;

	*number = (size_t)head - 1;
	return head;
}

bool nameindex_next(const struct nameindex *index, size_t *number)
{
	uint32_t next = index->next[*number];

	*number = (size_t)next - 1;
	return next;
}
