/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory in a machine, from the kernel's own allocator. */
#include "dryrun/pagealloc.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>

#include "machine/call.h"

bool pagealloc_function(struct symbols *symbols, uint64_t *ret)
{
	return symbols_address(symbols, "__get_free_pages", ret) ||
	       symbols_address(symbols, "get_free_pages_noprof", ret);
}

bool pagealloc_allocate(struct pagealloc *pages, unsigned order, uint64_t *ret_va,
			uint64_t *ret_pa)
{
	struct machine *machine = pages->machine;
	struct machine_result result;
	struct pt_walk walk;

	if (!pages->function &&
	    !pagealloc_function(&machine->kernel->symbols, &pages->function))
		return false;
	machine_call(machine, pages->function, 2,
		     (const uint64_t[]){PAGEALLOC_GFP_KERNEL, order}, &result);
	if (result.end != MACHINE_RETURNED || !result.value)
		return false;
	machine_walk(machine, result.value, &walk);
	if (walk.reason != PT_OK)
		return false;
	for (unsigned i = 0; i < 1U << order; i++) {
		unsigned char *bytes;

		if (machine_frame(machine, walk.pa + (uint64_t)i * PAGE_BYTES, &bytes) <
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
	struct pagealloc *pages = ctx;
	uint64_t va;

	if (!pages->nr) {
		if (pagealloc_allocate(pages, ORDER, &va, &pages->next_pa))
			pages->nr = 1 << ORDER;
		else if (pagealloc_allocate(pages, 0, &va, &pages->next_pa))
			pages->nr = 1;
		else
			return -ENOMEM;
	}
	*ret = pages->next_pa;
	pages->next_pa += PAGE_BYTES;
	pages->nr--;
	return 0;
}

#endif
