/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames a file has, and where in it. */
#include "kcore/ramruns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/elfcore.h"
#include "kcore/x86.h"

static bool has_frames(const struct elfcore_segment *segment)
{
	return segment->pa != ELFCORE_NO_PA && segment->size_bytes > 0;
}

static int compare(const void *a, const void *b)
{
	const struct ramrun *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	/* The longer one first: what it covers is dropped. */
	return x->size_bytes > y->size_bytes ? -1 : x->size_bytes < y->size_bytes;
}

/* Cuts what runs have in common off the later one, and joins neighbours. */
static size_t tidy(struct ramrun *runs, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++) {
		struct ramrun run = runs[i], *last = kept ? &runs[kept - 1] : NULL;
		uint64_t end = last ? last->pa + last->size_bytes : 0;

		if (last && run.pa < end) {
			uint64_t skip = end - run.pa;

			if (skip >= run.size_bytes)
				continue;
			run.pa += skip;
			run.offset += skip;
			run.size_bytes -= skip;
		}
		if (last && run.pa == end &&
		    run.offset == last->offset + last->size_bytes)
			last->size_bytes += run.size_bytes;
		else
			runs[kept++] = run;
	}
	return kept;
}

/* The segments that have frames, those of the kernel's image among them or not. */
static size_t gather(const struct elfcore_segment *segments, size_t nr, bool has_image,
		     struct ramrun *ret)
{
	size_t nr_runs = 0;

	for (size_t i = 0; i < nr; i++)
		if (has_frames(&segments[i]) &&
		    (has_image || segments[i].va < X86_IMAGE_BASE))
			ret[nr_runs++] = (struct ramrun){
				.pa = segments[i].pa,
				.size_bytes = segments[i].size_bytes,
				.offset = segments[i].offset,
			};
	return nr_runs;
}

int ramruns_build(struct ramruns *ret, const struct elfcore_segment *segments, size_t nr)
{
	struct ramrun *runs = calloc(nr ? nr : 1, sizeof(*runs));
	size_t nr_runs;

	if (!runs)
		return -ENOMEM;
	nr_runs = gather(segments, nr, true, runs);
	qsort(runs, nr_runs, sizeof(*runs), compare);
	*ret = (struct ramruns){.array = runs, .nr = tidy(runs, nr_runs)};
	return 0;
}

void ramruns_free(struct ramruns *runs)
{
	free(runs->array);
	*runs = (struct ramruns){0};
}

const struct ramrun *ramruns_find(const struct ramruns *runs, uint64_t pa)
{
	/* The last one that starts at or below @pa. */
	size_t above = array_below(runs->array, runs->nr, sizeof(*runs->array),
				   offsetof(struct ramrun, pa), pa + 1);
	const struct ramrun *run = above ? &runs->array[above - 1] : NULL;

	return run && pa - run->pa < run->size_bytes ? run : NULL;
}

bool ramruns_is_repeated(const struct ramruns *runs,
			 const struct elfcore_segment *segments, size_t nr)
{
	uint64_t in_segments = 0, in_runs = 0;

	for (size_t i = 0; i < nr; i++)
		if (has_frames(&segments[i]) && segments[i].va < X86_IMAGE_BASE &&
		    __builtin_add_overflow(in_segments, segments[i].size_bytes,
					   &in_segments))
			return true;
	for (size_t i = 0; i < runs->nr; i++)
		in_runs += runs->array[i].size_bytes;
	return in_segments > in_runs;
}

static int compare_offsets(const void *a, const void *b)
{
	const struct ramrun *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Of runs sorted by what is at @start_at: does one begin in another that puts its bytes
 * elsewhere? */
static bool has_conflict(const struct ramrun *runs, size_t nr, size_t start_at)
{
	uint64_t end = 0, shift = 0;

	for (size_t i = 0; i < nr; i++) {
		uint64_t start;

		memcpy(&start, (const char *)&runs[i] + start_at, sizeof(start));
		if (start < end && runs[i].pa - runs[i].offset != shift)
			return true;
		if (start + runs[i].size_bytes > end) {
			end = start + runs[i].size_bytes;
			shift = runs[i].pa - runs[i].offset;
		}
	}
	return false;
}

int ramruns_conflict(const struct elfcore_segment *segments, size_t nr)
{
	struct ramrun *runs = calloc(nr ? nr : 1, sizeof(*runs));
	size_t nr_runs;
	bool ret;

	if (!runs)
		return -ENOMEM;
	nr_runs = gather(segments, nr, true, runs);
	qsort(runs, nr_runs, sizeof(*runs), compare_offsets);
	ret = has_conflict(runs, nr_runs, offsetof(struct ramrun, offset));
	nr_runs = gather(segments, nr, false, runs);
	qsort(runs, nr_runs, sizeof(*runs), compare);
	ret = ret || has_conflict(runs, nr_runs, offsetof(struct ramrun, pa));
	free(runs);
	return ret;
}
