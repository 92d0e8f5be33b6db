/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The constants of the kernel's image, found by its page tables, without names. */
#include "kcore/constants.h"

#include <errno.h>
#include <stdlib.h>

#include "kcore/x86.h"

static const uint64_t MAX_PIECE_BYTES = 64 * 1024 * 1024,
		      MAX_HOLE_BYTES = 64 * 1024 * 1024;

/* The next piece of the image from @va on that can be neither written nor executed. Init
 * memory that was freed is a hole in the image; behind a large one is something else.
 */
static bool find(struct kernel *kernel, uint64_t va, struct constants *ret)
{
	uint64_t hole_bytes = 0;

	ret->va = ret->size_bytes = 0;
	while (va >= X86_IMAGE_BASE && va < X86_MODULES_START &&
	       hole_bytes < MAX_HOLE_BYTES) {
		struct pt_walk walk;
		uint64_t bytes;

		kernel_walk_cached(kernel, va, &walk);
		bytes = walk.span - va % walk.span;
		hole_bytes = walk.reason == PT_OK ? 0 : hole_bytes + bytes;
		if (walk.reason == PT_OK && walk.verdict == PT_READ_ONLY && walk.nx) {
			if (!ret->size_bytes)
				ret->va = va;
			ret->size_bytes += bytes;
		} else if (ret->size_bytes) {
			return true;
		}
		va += bytes;
	}
	return ret->size_bytes > 0;
}

int constants_next(struct constants *piece, struct kernel *kernel)
{
	uint64_t va = piece->va + piece->size_bytes;
	int r = va ? 0 : vmcoreinfo_symbol(&kernel->info, "_stext", &va);

	constants_close(piece);
	if (r < 0)
		return r;
	if (!find(kernel, va, piece))
		return -ENOENT;
	if (piece->size_bytes > MAX_PIECE_BYTES)
		piece->size_bytes = MAX_PIECE_BYTES;
	piece->bytes = calloc(1, piece->size_bytes);
	if (!piece->bytes)
		return -ENOMEM;
	for (uint64_t at = 0; at < piece->size_bytes; at += PAGE_BYTES)
		kernel_read_cached(kernel, piece->va + at, piece->bytes + at, PAGE_BYTES);
	return 0;
}

void constants_close(struct constants *piece)
{
	free(piece->bytes);
	piece->bytes = NULL;
}
