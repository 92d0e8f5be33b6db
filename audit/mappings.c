/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one sweep of the kernel half found mapped. */
#include "audit/mappings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/tablesweep.h"

static bool can_join(const struct mapping *last, const struct mapping *next)
{
	return last->va + last->size_bytes == next->va && last->level == next->level &&
	       last->reason == next->reason && last->writable == next->writable &&
	       last->user == next->user && last->nx == next->nx &&
	       last->dirty == next->dirty &&
	       (next->reason != PT_OK || last->pa + last->size_bytes == next->pa);
}

static int keep(void *ctx, const struct pt_leaf *leaf)
{
	struct mappings *mappings = ctx;
	const struct mapping next = {
		.va = leaf->va,
		.size_bytes = leaf->size_bytes,
		.pa = leaf->reason == PT_OK ? leaf->pa : 0,
		.level = leaf->level,
		.reason = leaf->reason,
		.writable = leaf->writable,
		.user = leaf->user,
		.nx = leaf->nx,
		.dirty = leaf->reason == PT_OK && !leaf->writable &&
			 leaf->value & PT_DIRTY,
	};

	if (leaf->is_clone) {
		mappings->nr_clones++;
		return 0;
	}
	if (mappings->nr && can_join(&mappings->array[mappings->nr - 1], &next)) {
		mappings->array[mappings->nr - 1].size_bytes += next.size_bytes;
		return 0;
	}
	if (array_reserve(&mappings->array, mappings->nr, &mappings->room,
			  sizeof(*mappings->array)) < 0)
		return -ENOMEM;
	mappings->array[mappings->nr++] = next;
	return 0;
}

int mappings_take(struct mappings *ret, struct kernel *kernel)
{
	struct mappings mappings = {.kernel = kernel};
	size_t nr_tables;
	int r;

	r = tablesweep_run(&kernel->pt, pt_kernel_half(kernel->pt.format.levels),
			   UINT64_MAX, keep, &mappings, &nr_tables);
	if (r < 0) {
		mappings_free(&mappings);
		return r;
	}
	mappings.nr_tables = nr_tables + 1;
	*ret = mappings;
	return 0;
}

void mappings_free(struct mappings *mappings)
{
	free(mappings->array);
	*mappings = (struct mappings){0};
}

const struct mapping *mappings_from(const struct mappings *mappings, uint64_t va)
{
	const struct mapping *array = mappings->array;
	size_t i = array_below(array, mappings->nr, sizeof(*array),
			       offsetof(struct mapping, va), va);

	/* The one before may reach beyond @va. */
	if (i > 0 && va - array[i - 1].va < array[i - 1].size_bytes)
		i--;
	return i < mappings->nr ? &array[i] : NULL;
}

const struct mapping *mappings_at(const struct mappings *mappings, uint64_t va)
{
	const struct mapping *mapping = mappings_from(mappings, va);

	return mapping && mapping->va <= va ? mapping : NULL;
}

bool mappings_pa(const struct mappings *mappings, uint64_t va, uint64_t *ret)
{
	const struct mapping *mapping = mappings_at(mappings, va);

	if (!mapping || mapping->reason != PT_OK)
		return false;
	*ret = mapping->pa + (va - mapping->va);
	return true;
}

int mappings_read(const struct mappings *mappings, uint64_t va, void *buf,
		  size_t size_bytes)
{
	struct kernel *kernel = mappings->kernel;

	while (size_bytes > 0) {
		size_t in_page = va % PAGE_BYTES, n = PAGE_BYTES - in_page;
		const unsigned char *page;
		uint64_t pa;
		int r;

		if (!mappings_pa(mappings, va - in_page, &pa))
			return -EFAULT;
		r = pagecache_get(&kernel->cache, &kernel->core, pa, &page);
		if (r < 0)
			return r;
		if (n > size_bytes)
			n = size_bytes;
		memcpy(buf, page + in_page, n);
		buf = (char *)buf + n;
		va += n;
		size_bytes -= n;
	}
	return 0;
}

int mappings_read_word(const struct mappings *mappings, uint64_t va, uint64_t *ret)
{
	uint64_t word;
	int r = mappings_read(mappings, va, &word, sizeof(word));

	if (r == 0)
		*ret = word;
	return r;
}

int mappings_read_string(const struct mappings *mappings, uint64_t va, char *ret,
			 size_t ret_bytes)
{
	for (size_t i = 0; i < ret_bytes; i++) {
		int r = mappings_read(mappings, va + i, &ret[i], 1);

		if (r < 0)
			return r;
		if (ret[i] == '\0')
			return 0;
		if ((unsigned char)ret[i] < 0x20 || (unsigned char)ret[i] >= 0x7f)
			break;
	}
	ret[0] = '\0';
	return -EILSEQ;
}

const char *mapping_rights(const struct mapping *mapping)
{
	static const char *const rights[2][2] = {{"r-x", "r--"}, {"rwx", "rw-"}};

	if (mapping->reason != PT_OK)
		return "---";
	return rights[mapping->writable][mapping->nx];
}
