/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where else a frame is mapped: every leaf of the kernel half, by physical address. */
#include "kcore/aliases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/tablesweep.h"

struct aliases_leaf {
	uint64_t pa, va;
};

struct builder {
	struct aliases *aliases;
	size_t nr_calls;
};

static int add(struct aliases_size *size, uint64_t pa, uint64_t va)
{
	if (array_reserve(&size->leaves, size->nr, &size->room, sizeof(*size->leaves)) <
	    0)
		return -ENOMEM;
	size->leaves[size->nr++] = (struct aliases_leaf){.pa = pa, .va = va};
	return 0;
}

static int each_leaf(void *ctx, const struct pt_leaf *leaf)
{
	struct builder *builder = ctx;

	if (leaf->is_clone)
		return 0;
	if (pt_is_unreadable(leaf->reason) || leaf->reason == PT_CHANGED)
		builder->aliases->is_complete = false;
	if (leaf->reason != PT_OK && leaf->reason != PT_PROTECTION_KEY)
		return 0;
	for (uint64_t at = 0; at < leaf->size_bytes; at += leaf->span) {
		int r = add(&builder->aliases->sizes[leaf->level], leaf->pa + at,
			    leaf->va + at);

		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_leaves(const void *a, const void *b)
{
	const struct aliases_leaf *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->va < y->va ? -1 : x->va > y->va;
}

int aliases_build(struct aliases *ret, struct kernel *kernel)
{
	struct aliases aliases = {.is_complete = true};
	struct builder builder = {.aliases = &aliases};
	int r;

	r = tablesweep_run(&kernel->pt, pt_kernel_half(kernel->pt.format.levels),
			   UINT64_MAX, each_leaf, &builder, &aliases.nr_tables);
	if (r < 0) {
		aliases_close(&aliases);
		return r;
	}
	for (size_t i = 0; i < 3; i++)
		if (aliases.sizes[i].nr)
			qsort(aliases.sizes[i].leaves, aliases.sizes[i].nr,
			      sizeof(struct aliases_leaf), compare_leaves);
	*ret = aliases;
	return 0;
}

void aliases_close(struct aliases *aliases)
{
	for (size_t i = 0; i < 3; i++)
		free(aliases->sizes[i].leaves);
	memset(aliases, 0, sizeof(*aliases));
}

struct found {
	struct alias *array;
	size_t nr;
};

/* Joins a piece to a neighbour with the same verdict, or adds it. */
static int add_piece(struct found *found, const struct alias *piece)
{
	struct alias *array;

	for (size_t i = 0; i < found->nr; i++) {
		struct alias *alias = &found->array[i];

		if (alias->verdict == piece->verdict &&
		    alias->va + alias->size_bytes == piece->va) {
			alias->size_bytes += piece->size_bytes;
			return 0;
		}
	}
	array = reallocarray(found->array, found->nr + 1, sizeof(*array));
	if (!array)
		return -ENOMEM;
	found->array = array;
	array[found->nr++] = *piece;
	return 0;
}

/* The part of [@pa, @end) that @leaf, of @span bytes, maps. */
static int add_leaf(struct found *found, struct kernel *kernel,
		    const struct aliases_leaf *leaf, uint64_t span, uint64_t pa,
		    uint64_t end, uint64_t own_va)
{
	uint64_t first = leaf->pa > pa ? leaf->pa : pa;
	uint64_t last = leaf->pa + span < end ? leaf->pa + span : end;
	struct alias piece = {
		.va = leaf->va + (first - leaf->pa),
		.size_bytes = last - first,
	};
	struct pt_walk walk;

	if (piece.va == own_va + (first - pa))
		return 0;
	pt_walk(&kernel->pt, piece.va, &walk);
	/* It moved on since the sweep: no alias of these bytes any more. */
	if (walk.verdict != PT_UNKNOWN && (walk.reason != PT_OK || walk.pa != first))
		return 0;
	piece.verdict = walk.verdict;
	return add_piece(found, &piece);
}

/* First leaf that reaches beyond @pa. */
static size_t first_leaf(const struct aliases_size *size, uint64_t span, uint64_t pa)
{
	return array_below(size->leaves, size->nr, sizeof(*size->leaves),
			   offsetof(struct aliases_leaf, pa), pa & ~(span - 1));
}

int aliases_find(const struct aliases *aliases, struct kernel *kernel, uint64_t pa,
		 uint64_t size_bytes, uint64_t va, struct alias **ret, size_t *ret_nr)
{
	struct found found = {0};
	uint64_t end = pa + size_bytes;

	for (enum pt_level level = PT_PTE; level <= PT_PUD; level++) {
		const struct aliases_size *size = &aliases->sizes[level];
		uint64_t span = pt_level_span(level);

		for (size_t i = first_leaf(size, span, pa);
		     i < size->nr && size->leaves[i].pa < end; i++) {
			int r = add_leaf(&found, kernel, &size->leaves[i], span, pa, end,
					 va);

			if (r < 0) {
				free(found.array);
				return r;
			}
		}
	}
	*ret = found.array;
	*ret_nr = found.nr;
	return 0;
}
