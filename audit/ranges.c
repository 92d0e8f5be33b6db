/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel half as ranges of one region and one set of effective rights. */
#include "audit/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/tablesweep.h"

/* A symbol further away than this belongs to something else. */
static const uint64_t MAX_SYMBOL_DISTANCE = 16 << 20;

struct builder {
	struct kernel *kernel;
	const struct range_filter *filter;
	range_fn each;
	void *ctx;
	struct range range; /* under construction; size_bytes 0: none */
	/* Starts of the image's sections, rounded up to pages: a large page over two of
	 * them is cut there.
	 */
	uint64_t cuts[KERNEL_NR_LABELS];
	size_t nr_cuts;
	const uint64_t *bounds; /* of regions, ascending */
	size_t nr_bounds;
};

static void make_cuts(struct builder *builder)
{
	static const enum kernel_label starts[] = {
		LABEL_TEXT,
		LABEL_ETEXT,
		LABEL_START_RODATA,
		LABEL_START_RO_AFTER_INIT,
		LABEL_END_RO_AFTER_INIT,
		LABEL_END_RODATA,
		LABEL_SDATA,
		LABEL_EDATA,
		LABEL_INIT_BEGIN,
		LABEL_INIT_END,
		LABEL_BSS_START,
		LABEL_BSS_DECRYPTED_UNUSED,
		LABEL_BSS_DECRYPTED_END,
		LABEL_BSS_STOP,
		LABEL_END,
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		uint64_t va = builder->kernel->labels[starts[i]];

		if (va)
			builder->cuts[builder->nr_cuts++] = (va + PAGE_BYTES - 1) &
							    ~(uint64_t)(PAGE_BYTES - 1);
	}
	qsort(builder->cuts, builder->nr_cuts, sizeof(*builder->cuts), array_compare);
}

/* The first cut above @va that is below @end, or @end. */
static uint64_t next_cut(const struct builder *builder, uint64_t va, uint64_t end)
{
	for (size_t i = 0; i < builder->nr_cuts; i++)
		if (builder->cuts[i] > va && builder->cuts[i] - va < end - va)
			return builder->cuts[i];
	return end;
}

/* Where the first of @leaf's pages starts whose region may be another than that at @va;
 * or the leaf's end.
 */
static uint64_t next_region(const struct builder *builder, const struct pt_leaf *leaf,
			    uint64_t va)
{
	size_t i = array_below(builder->bounds, builder->nr_bounds, sizeof(uint64_t), 0,
			       va + 1);
	uint64_t end = leaf->va + leaf->size_bytes; /* may be 2^64, which is 0 */

	if (leaf->size_bytes == leaf->span || i == builder->nr_bounds ||
	    builder->bounds[i] > end - 1)
		return end;
	return (builder->bounds[i] + (leaf->span - 1)) & ~(leaf->span - 1);
}

static bool has_names(const struct region *region)
{
	switch (region->kind) {
	case REGION_RO_AFTER_INIT:
	case REGION_RODATA:
	case REGION_TEXT:
	case REGION_DATA:
	case REGION_BSS:
	case REGION_IMAGE:
	case REGION_MODULES:
	case REGION_FIXMAP:
		return true;
	default:
		return false;
	}
}

static void name_range(struct kernel *kernel, struct range *range)
{
	const struct symbol *symbol = NULL;
	uint64_t next;

	if (!kernel->has_symbols || !has_names(range->region))
		return;
	symbol = symbols_at(&kernel->symbols, range->va);
	if (symbol && range->va - symbol->address > MAX_SYMBOL_DISTANCE)
		symbol = NULL;
	/* A symbol inside the range says more than a symbol before it: a module's pages
	 * have symbols of their own.
	 */
	if ((!symbol || symbol->address < range->va) &&
	    symbols_next_address(&kernel->symbols, range->va, &next) &&
	    next - range->va < range->size_bytes)
		symbol = symbols_at(&kernel->symbols, next);
	if (!symbol)
		return;
	range->symbol = symbol->name;
	range->module = symbol->module;
	range->symbol_offset = range->va > symbol->address ? range->va - symbol->address
							   : 0;
}

static bool is_wanted(const struct range_filter *filter, const struct range *range)
{
	return (!filter->writable || (range->writable && range->reason == PT_OK)) &&
	       (!filter->executable || (!range->nx && range->reason == PT_OK)) &&
	       (!filter->user || (range->user && range->reason == PT_OK)) &&
	       (!filter->region || range->region == filter->region);
}

static int flush(struct builder *builder)
{
	struct range *range = &builder->range;
	int r = 0;

	if (range->size_bytes && is_wanted(builder->filter, range)) {
		name_range(builder->kernel, range);
		r = builder->each(builder->ctx, range);
	}
	range->size_bytes = 0;
	return r;
}

static int add(struct builder *builder, const struct range *piece)
{
	struct range *range = &builder->range;
	bool is_same = range->size_bytes && range->region == piece->region &&
		       range->reason == piece->reason &&
		       range->writable == piece->writable && range->user == piece->user &&
		       range->nx == piece->nx;
	/* Every espfix stack has its own page with guards around it. */
	bool is_joined = is_same && (range->va + range->size_bytes == piece->va ||
				     piece->region->kind == REGION_ESPFIX);
	int r = 0;

	if (!is_joined) {
		r = flush(builder);
		*range = *piece;
		return r;
	}
	range->size_bytes = piece->va + piece->size_bytes - range->va;
	range->mapped_bytes += piece->mapped_bytes;
	for (size_t i = 0; i < RANGE_NR_SIZES; i++)
		range->bytes_by_size[i] += piece->bytes_by_size[i];
	return 0;
}

static int take_leaf(void *ctx, const struct pt_leaf *leaf)
{
	struct builder *builder = ctx;
	const struct range_filter *filter = builder->filter;
	uint64_t at = leaf->va, last = leaf->va + (leaf->size_bytes - 1);

	/* What repeats in one way is one piece; else it is looked at again. */
	if (leaf->is_clone && !leaf->table.is_even)
		return PT_SWEEP_DESCEND;
	if (leaf->is_clone && leaf->table.mapped_bytes == 0)
		return 0;
	if (leaf->is_clone && !leaf->table.is_uniform &&
	    region_of(builder->kernel, at)->kind != REGION_ESPFIX)
		return PT_SWEEP_DESCEND;
	if (at < filter->first)
		at = filter->first;
	if (last > filter->last)
		last = filter->last;
	for (;;) {
		/* last + 1 may be 2^64. */
		uint64_t region_end = next_region(builder, leaf, at);
		uint64_t stop = next_cut(builder, at,
					 region_end - 1 < last ? region_end : last + 1);
		struct range piece = {
			.va = at,
			.size_bytes = stop - at,
			.mapped_bytes = leaf->is_clone ? leaf->table.mapped_bytes
						       : stop - at,
			.reason = leaf->reason,
			.writable = leaf->writable,
			.user = leaf->user,
			.nx = leaf->nx,
			.region = region_of(builder->kernel, at),
		};
		int r;

		if (!leaf->is_clone && leaf->level < RANGE_NR_SIZES)
			piece.bytes_by_size[leaf->level] = stop - at;
		r = add(builder, &piece);
		if (r)
			return r;
		if (stop == last + 1)
			return 0;
		at = stop;
	}
}

int ranges_each(struct kernel *kernel, const struct range_filter *filter, range_fn each,
		void *ctx)
{
	_cleanup_free_ uint64_t *bounds = NULL;
	struct range_filter whole = *filter;
	struct builder builder = {
		.kernel = kernel,
		.filter = &whole,
		.each = each,
		.ctx = ctx,
	};
	int r;

	r = region_bounds(kernel, &bounds, &builder.nr_bounds);
	if (r < 0)
		return r;
	builder.bounds = bounds;
	if (whole.first == 0 && whole.last == 0) {
		whole.first = pt_kernel_half(kernel->pt.format.levels);
		whole.last = UINT64_MAX;
	}
	make_cuts(&builder);
	r = tablesweep_run(&kernel->pt, whole.first, whole.last, take_leaf, &builder,
			   NULL);
	return r ? r : flush(&builder);
}

const char *range_rights(const struct range *range)
{
	static const char *const rights[2][2] = {{"r-x", "r--"}, {"rwx", "rw-"}};

	return range->reason == PT_OK ? rights[range->writable][range->nx] : "?--";
}
