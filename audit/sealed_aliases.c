/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other mappings of sealed frames. */
#include "audit/sealed_aliases.h"

#include <errno.h>
#include <stdlib.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"

/* Part of a sealed range, with the frames behind it. */
struct sealed_frames {
	uint64_t pa, size_bytes, va;
	/* Of these frames and of all before them in the list. Ends alone do not ascend:
	 * two sealed ranges may have frames in common.
	 */
	uint64_t furthest_end;
};

struct sealed_list {
	struct sealed_frames *array; /* ascends by pa */
	size_t nr, room;
};

static int add_sealed(struct sealed_list *list, uint64_t pa, uint64_t size_bytes,
		      uint64_t va)
{
	if (array_reserve(&list->array, list->nr, &list->room, sizeof(*list->array)) < 0)
		return -ENOMEM;
	list->array[list->nr++] = (struct sealed_frames){
		.pa = pa, .size_bytes = size_bytes, .va = va};
	return 0;
}

static int compare_sealed(const void *a, const void *b)
{
	uint64_t x = ((const struct sealed_frames *)a)->pa,
		 y = ((const struct sealed_frames *)b)->pa;

	return x < y ? -1 : x > y;
}

static void sort(struct sealed_list *list)
{
	uint64_t furthest_end = 0;

	if (list->nr)
		qsort(list->array, list->nr, sizeof(*list->array), compare_sealed);
	for (size_t i = 0; i < list->nr; i++) {
		struct sealed_frames *frames = &list->array[i];

		if (furthest_end < frames->pa + frames->size_bytes)
			furthest_end = frames->pa + frames->size_bytes;
		frames->furthest_end = furthest_end;
	}
}

/* The frames behind all sealed ranges, each range's part once. */
static int collect_sealed(const struct audit *audit, struct sealed_list *list)
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
				r = add_sealed(list, mapping->pa + (at - mapping->va),
					       stop - at, at);
			at = stop;
		}
		if (done < end)
			done = end;
	}
	sort(list);
	return r;
}

/* The first frames that may have @pa or what lies above it. All before them end earlier.
 */
static size_t first_above(const struct sealed_list *list, uint64_t pa)
{
	return array_below(list->array, list->nr, sizeof(*list->array),
			   offsetof(struct sealed_frames, furthest_end), pa + 1);
}

/* Is the sealed page itself writable at @target? Then an alias of it adds nothing. */
static bool is_open_itself(const struct audit *audit, uint64_t target)
{
	const struct mapping *own = mappings_at(&audit->mappings, target);

	return own && own->writable;
}

static void find_aliases(struct audit *audit, const struct sealed_list *list)
{
	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		uint64_t end = mapping->pa + mapping->size_bytes;

		if (!mapping->writable || mapping->reason != PT_OK)
			continue;
		for (size_t j = first_above(list, mapping->pa);
		     j < list->nr && list->array[j].pa < end; j++) {
			const struct sealed_frames *frames = &list->array[j];
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

int sealed_aliases_find(struct audit *audit)
{
	struct sealed_list list = {0};
	int r = collect_sealed(audit, &list);

	if (r == 0)
		find_aliases(audit, &list);
	free(list.array);
	return r;
}
