/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of the physical pages that one run has read. */
#include "kcore/pagecache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"

enum { FIRST_SLOTS = 256, MAX_PAGES = 64 * 1024 };

struct pagecache_slot {
	uint64_t pa;
	unsigned char *bytes; /* NULL: free */
};

static struct pagecache_slot *slot_of(const struct pagecache *cache, uint64_t pa)
{
	/* Table pages are often neighbours. */
	size_t at = (size_t)(array_hash(pa >> 12) >> 32) & (cache->nr_slots - 1);

	while (cache->slots[at].bytes && cache->slots[at].pa != pa)
		at = (at + 1) & (cache->nr_slots - 1);
	return &cache->slots[at];
}

static int grow(struct pagecache *cache)
{
	struct pagecache bigger = {
		.nr_slots = cache->nr_slots ? cache->nr_slots * 2 : FIRST_SLOTS,
		.nr_used = cache->nr_used,
	};

	bigger.slots = calloc(bigger.nr_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < cache->nr_slots; i++)
		if (cache->slots[i].bytes)
			*slot_of(&bigger, cache->slots[i].pa) = cache->slots[i];
	free(cache->slots);
	*cache = bigger;
	return 0;
}

int pagecache_get(struct pagecache *cache, struct elfcore *core, uint64_t pa,
		  const unsigned char **ret)
{
	struct pagecache_slot *slot;
	unsigned char *bytes;
	int r;

	if (cache->nr_used >= MAX_PAGES)
		pagecache_close(cache);
	if (cache->nr_used * 2 >= cache->nr_slots) {
		r = grow(cache);
		if (r < 0)
			return r;
	}
	slot = slot_of(cache, pa);
	if (!slot->bytes) {
		bytes = malloc(PAGE_BYTES);
		if (!bytes)
			return -ENOMEM;
		r = elfcore_read_pa(core, pa, bytes, PAGE_BYTES);
		if (r < 0) {
			free(bytes);
			return r;
		}
		*slot = (struct pagecache_slot){.pa = pa, .bytes = bytes};
		cache->nr_used++;
	}
	*ret = slot->bytes;
	return 0;
}

void pagecache_close(struct pagecache *cache)
{
	for (size_t i = 0; i < cache->nr_slots; i++)
		free(cache->slots[i].bytes);
	free(cache->slots);
	memset(cache, 0, sizeof(*cache));
}
