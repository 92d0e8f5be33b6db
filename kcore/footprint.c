/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames of a kernel's memory somebody reads. */
#include "kcore/footprint.h"

#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/pagecache.h"

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* What is read again and again must not fill memory. */
static void tidy(struct footprint *footprint)
{
	size_t nr = 0;

	/* Not of nothing: qsort() may take no NULL. */
	if (footprint->nr == 0)
		return;
	qsort(footprint->pas, footprint->nr, sizeof(*footprint->pas), compare);
	for (size_t i = 0; i < footprint->nr; i++)
		if (nr == 0 || footprint->pas[nr - 1] != footprint->pas[i])
			footprint->pas[nr++] = footprint->pas[i];
	footprint->nr = nr;
}

static void add_frame(struct footprint *footprint, uint64_t pa)
{
	if (footprint->nr && footprint->pas[footprint->nr - 1] == pa)
		return;
	if (footprint->nr == footprint->room) {
		tidy(footprint);
		/* Half is free afterwards, so that it is seldom tidied. */
		if (footprint->nr >= footprint->room / 2 &&
		    array_reserve(&footprint->pas, footprint->room, &footprint->room,
				  sizeof(*footprint->pas)) < 0 &&
		    footprint->nr == footprint->room) {
			footprint->is_lost = true;
			return;
		}
	}
	footprint->pas[footprint->nr++] = pa;
}

void footprint_add(struct footprint *footprint, uint64_t pa, size_t size_bytes)
{
	for (uint64_t at = pa & ~(uint64_t)(PAGE_BYTES - 1); at < pa + size_bytes;
	     at += PAGE_BYTES)
		add_frame(footprint, at);
}

void footprint_close(struct footprint *footprint)
{
	free(footprint->pas);
	memset(footprint, 0, sizeof(*footprint));
}
