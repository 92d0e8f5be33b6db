/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel half as ranges of one region and one set of effective rights: a map. */
#ifndef KWCHECK_AUDIT_RANGES_H
#define KWCHECK_AUDIT_RANGES_H

#include "kcore/kernel.h"
#include "kcore/region.h"
#include "pagetable/sweep.h"

/* Sizes of pages: 4 KiB, 2 MiB, 1 GiB, by level. */
#define RANGE_NR_SIZES (PT_PUD + 1)

struct range {
	uint64_t va, size_bytes;
	/* Less than size_bytes where tables with holes repeat (espfix). */
	uint64_t mapped_bytes;
	uint64_t bytes_by_size[RANGE_NR_SIZES]; /* of mapped_bytes, by page size; what
						   repeats is not counted */
	enum pt_reason reason; /* other than PT_OK: what lies here is not known */
	bool writable, user, nx;
	const struct region *region;
	const char *symbol;	/* nearest at or in it, or NULL */
	const char *module;	/* of the symbol, or NULL */
	uint64_t symbol_offset; /* of va in the symbol; 0 where the symbol lies in it */
};

/* Which ranges are wanted; zero takes all. */
struct range_filter {
	bool writable, executable, user; /* all that are set must hold */
	const struct region *region;
	uint64_t first, last; /* both 0: the whole kernel half */
};

typedef int (*range_fn)(void *ctx, const struct range *range);

/* ranges_each - every range that @filter takes, in ascending order, in one sweep
 * @each: a non-zero return stops and is returned. Returns 0, or -errno (-ENOMEM).
 */
int ranges_each(struct kernel *kernel, const struct range_filter *filter, range_fn each,
		void *ctx);

/* "r--", "rw-", "r-x", "rwx"; "?--" where reason is not PT_OK. */
const char *range_rights(const struct range *range);

#endif
