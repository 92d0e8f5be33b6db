/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory in a machine, from the kernel's own allocator. */
#ifndef KWCHECK_DRYRUN_PAGEALLOC_H
#define KWCHECK_DRYRUN_PAGEALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct symbols;

/* GFP_KERNEL: reclaim, I/O, file system. The bits moved in 4.x and in 6.x; these mean the
 * same in both, and more bits only allow more.
 */
enum { PAGEALLOC_GFP_KERNEL = 0xcc0 };

struct pagealloc {
	struct machine *machine;
	uint64_t function; /* of the allocator; 0: not looked for yet */
	uint64_t next_pa;  /* of nr frames that follow each other, to be given out */
	size_t nr;
};

/* The kernel's function that returns 2^order pages for (gfp, order): its virtual address.
 * false: it is not to be found.
 */
bool pagealloc_function(struct symbols *symbols, uint64_t *ret);

/* pagealloc_allocate - 2^@order zeroed pages that follow each other in the direct map
 * false: there are none.
 */
bool pagealloc_allocate(struct pagealloc *pages, unsigned order, uint64_t *ret_va,
			uint64_t *ret_pa);

/* pagealloc_next - the physical address of one zeroed frame
 * Frames follow each other where they can, so that the emulator needs few mappings.
 * @ctx: struct pagealloc. Returns 0 or -ENOMEM.
 */
int pagealloc_next(void *ctx, uint64_t *ret);

#endif
