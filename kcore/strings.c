/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for names that are made one by one and freed together. */
#include "kcore/strings.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct strings_block {
	struct strings_block *next;
	size_t used;
	char bytes[BLOCK_BYTES];
};

char *strings_keep(struct strings *strings, const char *name)
{
	size_t bytes = strlen(name) + 1;
	struct strings_block *block = strings->blocks;

	if (bytes > BLOCK_BYTES)
		return NULL;
	if (!block || BLOCK_BYTES - block->used < bytes) {
		block = malloc(sizeof(*block));
		if (!block)
			return NULL;
		block->next = strings->blocks;
		block->used = 0;
		strings->blocks = block;
	}
	block->used += bytes;
	return memcpy(block->bytes + block->used - bytes, name, bytes);
}

void strings_close(struct strings *strings)
{
	while (strings->blocks) {
		struct strings_block *next = strings->blocks->next;

		free(strings->blocks);
		strings->blocks = next;
	}
}
