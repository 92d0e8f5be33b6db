/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory in a machine, from the kernel's own allocator. */
#include "dryrun/pagealloc.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>

#include "machine/machine.h"

static bool find_function(struct pagealloc *frames)
{
	struct symbols *symbols = &frames->machine->kernel->symbols;

	return frames->function ||
	       symbols_address(symbols, "__get_free_pages", &frames->function) ||
	       symbols_address(symbols, "get_free_pages_noprof", &frames->function);
}

bool pagealloc_allocate(struct pagealloc *frames, unsigned order, uint64_t *ret_va,
			uint64_t *ret_pa)
{
	struct overlay *overlay = &frames->machine->overlay;
	struct machine_result result;
	struct pt_walk walk;

	if (!find_function(frames))
		return false;
	machine_call(frames->machine, frames->function, 2,
		     (const uint64_t[]){PAGEALLOC_GFP_KERNEL, order}, &result);
	if (result.end != MACHINE_RETURNED || !result.value)
		return false;
	overlay_walk(overlay, result.value, &walk);
	if (walk.reason != PT_OK)
		return false;
	for (unsigned i = 0; i < 1U << order; i++) {
		unsigned char *bytes;

		if (overlay_frame(overlay, walk.pa + (uint64_t)i * PAGE_BYTES, &bytes) <
		    0)
			return false;
		memset(bytes, 0, PAGE_BYTES);
	}
	*ret_va = result.value;
	*ret_pa = walk.pa;
	return true;
}

int pagealloc_next(void *ctx, uint64_t *ret)
{
	enum { ORDER = 4 };
	struct pagealloc *frames = ctx;
	uint64_t va;

	if (!frames->nr) {
		if (pagealloc_allocate(frames, ORDER, &va, &frames->next_pa))
			frames->nr = 1 << ORDER;
		else if (pagealloc_allocate(frames, 0, &va, &frames->next_pa))
			frames->nr = 1;
		else
			return -ENOMEM;
	}
	*ret = frames->next_pa;
	frames->next_pa += PAGE_BYTES;
	frames->nr--;
	return 0;
}

#endif
