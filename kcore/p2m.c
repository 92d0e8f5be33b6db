/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a Xen PV domain's frames a machine frame is. */
#include "kcore/p2m.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "pagetable/entry.h"

enum { PAGE_SHIFT = 12 };

/* arch/x86/include/asm/xen/page.h, since 3.0. With the second bit the frame is the
 * machine's of that number: a device's memory.
 */
static const uint64_t FOREIGN_FRAME = 1ULL << 63, IDENTITY_FRAME = 1ULL << 62,
		      INVALID_ENTRY = UINT64_MAX;

int p2m_add(struct p2m *p2m, uint64_t pfn, const uint64_t *entries, size_t nr)
{
	for (size_t i = 0; i < nr; i++, pfn++) {
		struct p2m_run *last = p2m->nr ? &p2m->runs[p2m->nr - 1] : NULL;
		uint64_t mfn = entries[i] & ~IDENTITY_FRAME;

		if (entries[i] == INVALID_ENTRY || entries[i] & FOREIGN_FRAME)
			continue;
		if (last && last->mfn + last->nr == mfn && last->pfn + last->nr == pfn) {
			last->nr++;
			continue;
		}
		if (array_reserve(&p2m->runs, p2m->nr, &p2m->room, sizeof(*p2m->runs)) <
		    0)
			return -ENOMEM;
		p2m->runs[p2m->nr++] = (struct p2m_run){.mfn = mfn, .pfn = pfn, .nr = 1};
	}
	return 0;
}

static int compare_mfn(const void *a, const void *b)
{
	uint64_t first = ((const struct p2m_run *)a)->mfn,
		 second = ((const struct p2m_run *)b)->mfn;

	return first < second ? -1 : first > second;
}

void p2m_sort(struct p2m *p2m)
{
	if (p2m->nr)
		qsort(p2m->runs, p2m->nr, sizeof(*p2m->runs), compare_mfn);
}

void p2m_close(struct p2m *p2m)
{
	free(p2m->runs);
	*p2m = (struct p2m){0};
}

int p2m_parse(struct p2m *ret, const void *data, size_t size_bytes)
{
	struct p2m p2m = {.nr = size_bytes / sizeof(*p2m.runs)};

	if (size_bytes % sizeof(*p2m.runs) != 0 || p2m.nr == 0)
		return -EINVAL;
	p2m.runs = malloc(size_bytes);
	if (!p2m.runs)
		return -ENOMEM;
	memcpy(p2m.runs, data, size_bytes);
	p2m_sort(&p2m);
	*ret = p2m;
	return 0;
}

bool p2m_pfn(const struct p2m *p2m, uint64_t mfn, uint64_t *ret)
{
	size_t above = array_below(p2m->runs, p2m->nr, sizeof(*p2m->runs),
				   offsetof(struct p2m_run, mfn), mfn + 1);
	const struct p2m_run *run;

	if (above == 0)
		return false;
	run = &p2m->runs[above - 1];
	if (mfn - run->mfn >= run->nr)
		return false;
	*ret = run->pfn + (mfn - run->mfn);
	return true;
}

bool p2m_is_entry(uint64_t entry, uint64_t mfn)
{
	return entry != INVALID_ENTRY && !(entry & FOREIGN_FRAME) &&
	       (entry & ~IDENTITY_FRAME) == mfn;
}

uint64_t p2m_entry(const struct p2m *p2m, uint64_t entry, uint64_t mask)
{
	uint64_t pfn;

	mask &= ~(((uint64_t)1 << PAGE_SHIFT) - 1);
	if (!(entry & PT_PRESENT))
		return entry;
	if (p2m_pfn(p2m, (entry & mask) >> PAGE_SHIFT, &pfn))
		return (entry & ~mask) | pfn << PAGE_SHIFT;
	return entry | P2M_ELSEWHERE;
}
