/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where else frames are mapped. */
#include "kcore/aliases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/tablesweep.h"

/* Once settled they ascend and are disjoint. */
struct aliases_frames {
	uint64_t pa, end;
};

/* Pages of one size that lie side by side in addresses and in memory, and map frames that
 * are asked about.
 */
struct aliases_seen {
	uint64_t va, pa, size_bytes;
	enum pt_level level;
	/* Of these frames and of all before them of that level. Ends alone do not ascend:
	 * a frame may be mapped many times.
	 */
	uint64_t furthest_end;
};

/* The first of the settled frames that end above @pa, or how many there are. */
static size_t first_above(const struct aliases *aliases, uint64_t pa)
{
	return array_below(aliases->frames, aliases->nr_frames, sizeof(*aliases->frames),
			   offsetof(struct aliases_frames, end), pa + 1);
}

/* Has a sweep met the mappings of [@pa, @end)? */
static bool is_swept(const struct aliases *aliases, uint64_t pa, uint64_t end)
{
	size_t i = aliases->is_swept ? first_above(aliases, pa) : aliases->nr_frames;

	return i < aliases->nr_frames && aliases->frames[i].pa <= pa &&
	       aliases->frames[i].end >= end;
}

int aliases_expect(struct aliases *aliases, uint64_t pa, uint64_t size_bytes)
{
	const uint64_t in_page = PAGE_BYTES - 1;
	const struct aliases_frames frames = {
		.pa = pa & ~in_page, .end = (pa + size_bytes + in_page) & ~in_page};

	if (is_swept(aliases, frames.pa, frames.end))
		return 0;
	aliases->is_swept = false;
	if (aliases->nr_frames &&
	    aliases->frames[aliases->nr_frames - 1].end == frames.pa) {
		aliases->frames[aliases->nr_frames - 1].end = frames.end;
		return 0;
	}
	if (array_reserve(&aliases->frames, aliases->nr_frames, &aliases->frames_room,
			  sizeof(*aliases->frames)) < 0)
		return -ENOMEM;
	aliases->frames[aliases->nr_frames++] = frames;
	return 0;
}

static int compare_frames(const void *a, const void *b)
{
	uint64_t x = ((const struct aliases_frames *)a)->pa,
		 y = ((const struct aliases_frames *)b)->pa;

	return x < y ? -1 : x > y;
}

/* Sorts the frames and joins those that touch. */
static void settle(struct aliases *aliases)
{
	struct aliases_frames *frames = aliases->frames;
	size_t nr = 0;

	if (aliases->nr_frames)
		qsort(frames, aliases->nr_frames, sizeof(*frames), compare_frames);
	for (size_t i = 0; i < aliases->nr_frames; i++) {
		if (nr == 0 || frames[i].pa > frames[nr - 1].end)
			frames[nr++] = frames[i];
		else if (frames[i].end > frames[nr - 1].end)
			frames[nr - 1].end = frames[i].end;
	}
	aliases->nr_frames = nr;
}

/* Keeps the pages of @leaf from the one with @first to the one with @last. */
static int keep(struct aliases *aliases, const struct pt_leaf *leaf, uint64_t first,
		uint64_t last)
{
	uint64_t from = (first - leaf->pa) & ~(leaf->span - 1);
	uint64_t end = ((last - leaf->pa) & ~(leaf->span - 1)) + leaf->span;
	struct aliases_seen *seen = aliases->nr_seen
					    ? &aliases->seen[aliases->nr_seen - 1]
					    : NULL;

	if (seen && seen->level == leaf->level &&
	    seen->va + seen->size_bytes == leaf->va + from &&
	    seen->pa + seen->size_bytes == leaf->pa + from) {
		seen->size_bytes += end - from;
		return 0;
	}
	if (array_reserve(&aliases->seen, aliases->nr_seen, &aliases->seen_room,
			  sizeof(*aliases->seen)) < 0)
		return -ENOMEM;
	aliases->seen[aliases->nr_seen++] = (struct aliases_seen){
		.va = leaf->va + from,
		.pa = leaf->pa + from,
		.size_bytes = end - from,
		.level = leaf->level,
	};
	return 0;
}

static int each_leaf(void *ctx, const struct pt_leaf *leaf)
{
	struct aliases *aliases = ctx;
	uint64_t end = leaf->pa + leaf->size_bytes, done = leaf->pa;

	if (leaf->is_clone)
		return 0;
	if (pt_is_unreadable(leaf->reason) || leaf->reason == PT_CHANGED)
		aliases->is_complete = false;
	if (leaf->reason != PT_OK && leaf->reason != PT_PROTECTION_KEY)
		return 0;
	for (size_t i = first_above(aliases, leaf->pa);
	     i < aliases->nr_frames && aliases->frames[i].pa < end; i++) {
		const struct aliases_frames *frames = &aliases->frames[i];
		uint64_t first = frames->pa > done ? frames->pa : done;
		uint64_t last = (frames->end < end ? frames->end : end) - 1;
		int r;

		if (last < done)
			continue; /* a large page that is kept already */
		r = keep(aliases, leaf, first, last);
		if (r < 0)
			return r;
		done = ((last | (leaf->span - 1)) + 1);
	}
	return 0;
}

static int compare_seen(const void *a, const void *b)
{
	const struct aliases_seen *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->va < y->va ? -1 : x->va > y->va;
}

static void index_seen(struct aliases *aliases)
{
	struct aliases_seen *seen = aliases->seen;

	memset(aliases->nr_below, 0, sizeof(aliases->nr_below));
	if (aliases->nr_seen)
		qsort(seen, aliases->nr_seen, sizeof(*seen), compare_seen);
	for (size_t i = 0; i < aliases->nr_seen; i++) {
		seen[i].furthest_end = seen[i].pa + seen[i].size_bytes;
		if (i && seen[i - 1].level == seen[i].level &&
		    seen[i - 1].furthest_end > seen[i].furthest_end)
			seen[i].furthest_end = seen[i - 1].furthest_end;
		aliases->nr_below[seen[i].level + 1] = i + 1;
	}
	for (size_t level = 1; level <= PT_PUD + 1; level++)
		if (aliases->nr_below[level] < aliases->nr_below[level - 1])
			aliases->nr_below[level] = aliases->nr_below[level - 1];
}

static int sweep(struct aliases *aliases, struct kernel *kernel)
{
	int r;

	settle(aliases);
	aliases->nr_seen = 0;
	aliases->is_complete = true;
	r = tablesweep_run(&kernel->pt, pt_kernel_half(kernel->pt.format.levels),
			   UINT64_MAX, each_leaf, aliases, &aliases->nr_tables);
	index_seen(aliases);
	aliases->is_swept = r == 0;
	return r;
}

void aliases_close(struct aliases *aliases)
{
	free(aliases->frames);
	free(aliases->seen);
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

/* The bytes that are asked about, and where the question was. */
struct asked {
	struct kernel *kernel;
	uint64_t pa, end, va;
};

/* The part of what is asked that the page of @span bytes at @va, of frame @pa, maps. */
static int add_page(struct found *found, const struct asked *asked, uint64_t va,
		    uint64_t pa, uint64_t span)
{
	uint64_t first = pa > asked->pa ? pa : asked->pa;
	uint64_t last = pa + span < asked->end ? pa + span : asked->end;
	struct alias piece = {
		.va = va + (first - pa),
		.size_bytes = last - first,
	};
	struct pt_walk walk;

	if (piece.va == asked->va + (first - asked->pa))
		return 0;
	pt_walk(&asked->kernel->pt, piece.va, &walk);
	/* It moved on since the sweep: no alias of these bytes any more. */
	if (walk.verdict != PT_UNKNOWN && (walk.reason != PT_OK || walk.pa != first))
		return 0;
	piece.verdict = walk.verdict;
	return add_piece(found, &piece);
}

/* By addresses, as seen from one frame. */
static int compare_distance(const void *a, const void *b)
{
	const struct aliases_seen *x = *(const struct aliases_seen *const *)a,
				  *y = *(const struct aliases_seen *const *)b;
	uint64_t of_x = x->va - x->pa, of_y = y->va - y->pa;

	return of_x < of_y ? -1 : of_x > of_y;
}

/* Places that map something of what is asked. */
struct places {
	const struct aliases_seen **array;
	size_t nr, room;
};

static int find_places(const struct aliases *aliases, enum pt_level level,
		       const struct asked *asked, struct places *ret)
{
	const struct aliases_seen *seen = aliases->seen + aliases->nr_below[level];
	size_t end = aliases->nr_below[level + 1] - aliases->nr_below[level];

	ret->nr = 0;
	for (size_t i = array_below(seen, end, sizeof(*seen),
				    offsetof(struct aliases_seen, furthest_end),
				    asked->pa + 1);
	     i < end && seen[i].pa < asked->end; i++) {
		if (seen[i].pa + seen[i].size_bytes <= asked->pa)
			continue;
		if (array_reserve(&ret->array, ret->nr, &ret->room, sizeof(*ret->array)) <
		    0)
			return -ENOMEM;
		ret->array[ret->nr++] = &seen[i];
	}
	if (ret->nr)
		qsort(ret->array, ret->nr, sizeof(*ret->array), compare_distance);
	return 0;
}

/* Frame by frame, and of each frame by addresses. */
static int add_level(struct found *found, enum pt_level level, const struct asked *asked,
		     const struct places *places)
{
	uint64_t span = pt_level_span(level), pa = asked->pa & ~(span - 1);

	for (; places->nr && pa < asked->end; pa += span)
		for (size_t i = 0; i < places->nr; i++) {
			const struct aliases_seen *seen = places->array[i];
			int r;

			if (pa < seen->pa || pa - seen->pa >= seen->size_bytes)
				continue;
			r = add_page(found, asked, seen->va + (pa - seen->pa), pa, span);
			if (r < 0)
				return r;
		}
	return 0;
}

int aliases_find(struct aliases *aliases, struct kernel *kernel, uint64_t pa,
		 uint64_t size_bytes, uint64_t va, struct alias **ret, size_t *ret_nr)
{
	const struct asked asked = {
		.kernel = kernel, .pa = pa, .end = pa + size_bytes, .va = va};
	struct places places = {0};
	struct found found = {0};
	int r;

	r = aliases_expect(aliases, pa, size_bytes);
	if (r == 0 && !aliases->is_swept)
		r = sweep(aliases, kernel);
	if (r < 0)
		return r;
	for (enum pt_level level = PT_PTE; r == 0 && level <= PT_PUD; level++) {
		r = find_places(aliases, level, &asked, &places);
		if (r == 0)
			r = add_level(&found, level, &asked, &places);
	}
	free(places.array);
	if (r < 0) {
		free(found.array);
		return r;
	}
	*ret = found.array;
	*ret_nr = found.nr;
	return 0;
}
