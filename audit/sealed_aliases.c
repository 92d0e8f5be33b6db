/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other mappings of sealed frames. */
#include "audit/sealed_aliases.h"

#include <errno.h>
#include <stdlib.h>

#include "kcore/cleanup.h"

/* Part of a sealed range, with the frames behind it. */
struct frames {
	uint64_t pa, size_bytes, va;
};

struct frame_list {
	struct frames *array; /* ascends by pa */
	size_t nr, room;
};

static int add_frames(struct frame_list *list, uint64_t pa, uint64_t size_bytes,
		      uint64_t va)
{
	if (list->nr == list->room) {
		size_t room = list->room ? list->room * 2 : 256;
		struct frames *array = reallocarray(list->array, room, sizeof(*array));

		if (!array)
			return -ENOMEM;
		list->array = array;
		list->room = room;
	}
	list->array[list->nr++] = (struct frames){
		.pa = pa, .size_bytes = size_bytes, .va = va};
	return 0;
}

static int compare_frames(const void *a, const void *b)
{
	uint64_t x = ((const struct frames *)a)->pa, y = ((const struct frames *)b)->pa;

	return x < y ? -1 : x > y;
}

/* The frames behind all sealed ranges, each range's part once. */
static int collect_frames(const struct audit *audit, struct frame_list *list)
{
	_cleanup_free_ struct audit_range *ranges = calloc(audit->nr_ranges + 1,
							   sizeof(*ranges));
	uint64_t done = 0; /* all below is in the list */
	int r = 0;

	if (!ranges)
		return -ENOMEM;
	audit_sort_ranges(audit, ranges);
	for (size_t i = 0; i < audit->nr_ranges && r == 0; i++) {
		uint64_t at = audit_page_of(ranges[i].va);
		uint64_t end = audit_page_end(ranges[i].va, ranges[i].size_bytes);
		const struct mapping *mapping;

		if (!ranges[i].is_sealed)
			continue;
		if (at < done)
			at = done;
		while (at < end && r == 0 &&
		       (mapping = mappings_from(&audit->mappings, at)) != NULL &&
		       mapping->va < end) {
			uint64_t stop = mapping->va + mapping->size_bytes;

			if (at < mapping->va)
				at = mapping->va;
			if (stop > end)
				stop = end;
			if (mapping->reason == PT_OK)
				r = add_frames(list, mapping->pa + (at - mapping->va),
					       stop - at, at);
			at = stop;
		}
		if (done < end)
			done = end;
	}
	if (list->nr)
		qsort(list->array, list->nr, sizeof(*list->array), compare_frames);
	return r;
}

/* First of the frames that end above @pa. Frames that two sealed ranges share make the
 * order of the ends uneven, so one step back is looked at as well.
 */
static size_t first_above(const struct frame_list *list, uint64_t pa)
{
	size_t low = 0, high = list->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->array[middle].pa + list->array[middle].size_bytes <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

/* Is @target, the sealed address, writable at its own place? Then the alias adds nothing.
 */
static bool is_open_itself(const struct audit *audit, uint64_t target)
{
	const struct mapping *own = mappings_at(&audit->mappings, target);

	return own && own->writable;
}

static void find_aliases(struct audit *audit, const struct frame_list *list)
{
	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		uint64_t end = mapping->pa + mapping->size_bytes;

		if (!mapping->writable || mapping->reason != PT_OK)
			continue;
		for (size_t j = first_above(list, mapping->pa);
		     j < list->nr && list->array[j].pa < end; j++) {
			const struct frames *frames = &list->array[j];
			uint64_t first = frames->pa,
				 stop = frames->pa + frames->size_bytes;
			uint64_t target;

			if (first < mapping->pa)
				first = mapping->pa;
			if (stop > end)
				stop = end;
			if (first >= stop)
				continue;
			target = frames->va + (first - frames->pa);
			if (!is_open_itself(audit, target))
				audit_add_violation(audit, AUDIT_WRITABLE_ALIAS,
						    mapping->va + (first - mapping->pa),
						    stop - first, target);
		}
	}
}

int frames_find_aliases(struct audit *audit)
{
	struct frame_list list = {0};
	int r = collect_frames(audit, &list);

	if (r == 0)
		find_aliases(audit, &list);
	free(list.array);
	return r;
}
