/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways through a function that has been interpreted. */
#include "dataflow/path.h"

static bool contains(const struct block *block, uint64_t va)
{
	return va >= block->va && va <= block->last_va;
}

/* Marks every block from which @site is reached, by going over all until nothing changes.
 * Functions are small, and this is asked only where something was found.
 */
static void mark_reaching(struct activation *activation, uint64_t site)
{
	bool changed = true;

	for (size_t i = 0; i < activation->nr_blocks; i++)
		activation->blocks[i]->mark = contains(activation->blocks[i], site);
	while (changed) {
		changed = false;
		for (size_t i = activation->nr_blocks; i-- > 0;) {
			struct block *block = activation->blocks[i];

			for (unsigned j = 0; j < block->nr_edges && !block->mark; j++) {
				const struct block *next = blocks_at(activation,
								     block->edges[j]);

				if (next && next->mark)
					block->mark = changed = true;
			}
		}
	}
}

bool path_can_avoid(struct activation *activation, uint64_t site)
{
	enum { SEEN = 2 };
	struct block **stack;
	size_t nr = 0;

	mark_reaching(activation, site);
	stack = arena_take(&activation->flow->arena,
			   (activation->nr_blocks + 1) * sizeof(*stack));
	if (!stack || activation->nr_blocks == 0)
		return true;
	stack[nr++] = activation->blocks[0];
	activation->blocks[0]->mark |= SEEN;
	while (nr > 0) {
		struct block *block = stack[--nr];
		bool skips_failure = false;

		if (contains(block, site))
			continue;
		if (block->is_exit)
			return true;
		if (block->causes == BLOCK_CALL_RESULT)
			for (unsigned j = 0; j < block->nr_edges; j++) {
				const struct block *next = blocks_at(activation,
								     block->edges[j]);

				skips_failure |= next && next->mark & 1;
			}
		for (unsigned j = 0; j < block->nr_edges; j++) {
			struct block *next = blocks_at(activation, block->edges[j]);

			if (!next || next->mark & SEEN ||
			    (skips_failure && !(next->mark & 1)))
				continue;
			next->mark |= SEEN;
			stack[nr++] = next;
		}
	}
	return false;
}
