/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel uses frames of RAM for, as their struct page says. */
#include "kcore/pageframe.h"

#include <errno.h>
#include <string.h>

/* include/linux/mmzone.h: MAX_PAGE_ORDER, or MAX_ORDER, at most. */
enum { MAX_ORDER = 11 };

static int read_vmemmap(struct pageframes *frames)
{
	return kernel_read_variable(frames->kernel, "vmemmap_base", &frames->vmemmap,
				    sizeof(frames->vmemmap));
}

/* Up to 6.10 a free page's _mapcount equals the number; since then its upper byte does.
 */
static void set_buddy(struct pageframes *frames, int64_t number)
{
	frames->buddy = (uint32_t)number;
	frames->buddy_mask = frames->buddy & 0xffffff ? UINT32_MAX : 0xff000000;
}

int pageframes_open(struct pageframes *ret, struct kernel *kernel)
{
	const struct {
		const char *key;
		size_t *value;
	} lengths[] = {
		{"SIZE(page)", &ret->page_bytes},
		{"OFFSET(page.flags)", &ret->flags},
		{"OFFSET(page._mapcount)", &ret->mapcount},
		{"OFFSET(page.private)", &ret->order},
	};
	int64_t lru, buddy;

	memset(ret, 0, sizeof(*ret));
	ret->kernel = kernel;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (vmcoreinfo_length(&kernel->info, lengths[i].key, lengths[i].value) <
			    0 ||
		    *lengths[i].value > PAGEFRAME_MAX_BYTES)
			return -ENOENT;
	if (vmcoreinfo_number(&kernel->info, "PG_lru", &lru) < 0 || lru < 0 || lru > 63 ||
	    vmcoreinfo_number(&kernel->info, "PAGE_BUDDY_MAPCOUNT_VALUE", &buddy) < 0 ||
	    ret->page_bytes < 16 || ret->flags + 8 > ret->page_bytes ||
	    ret->order + 8 > ret->page_bytes || ret->mapcount + 4 > ret->page_bytes ||
	    read_vmemmap(ret) < 0)
		return -ENOENT;
	ret->lru = (uint64_t)1 << lru;
	set_buddy(ret, buddy);
	return 0;
}

static enum pageframe_use use_of(struct pageframes *frames, uint64_t pa,
				 const unsigned char *page)
{
	uint64_t flags, order;
	uint32_t mapcount;

	memcpy(&flags, page + frames->flags, sizeof(flags));
	memcpy(&mapcount, page + frames->mapcount, sizeof(mapcount));
	memcpy(&order, page + frames->order, sizeof(order));
	if ((mapcount & frames->buddy_mask) == frames->buddy && order <= MAX_ORDER &&
	    pa % (PAGE_BYTES << order) == 0) {
		frames->free_end = pa + (PAGE_BYTES << order);
		return PAGEFRAME_FREE;
	}
	if (pa < frames->free_end)
		return PAGEFRAME_FREE;
	return flags & frames->lru ? PAGEFRAME_LRU : PAGEFRAME_OTHER;
}

void pageframes_read(struct pageframes *frames, uint64_t pa, size_t nr,
		     enum pageframe_use ret[])
{
	unsigned char pages[PAGEFRAME_BATCH * PAGEFRAME_MAX_BYTES];
	uint64_t at = frames->vmemmap + pa / PAGE_BYTES * frames->page_bytes;
	bool is_known = kernel_read_cached(frames->kernel, at, pages,
					   nr * frames->page_bytes) == 0;

	for (size_t i = 0; i < nr; i++)
		ret[i] = is_known ? use_of(frames, pa + i * PAGE_BYTES,
					   pages + i * frames->page_bytes)
				  : PAGEFRAME_OTHER;
}
