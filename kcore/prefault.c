/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages had at once that would come one by one. */
#include "kcore/prefault.h"

#include <stdint.h>
#include <sys/mman.h>

#include "kcore/pagecache.h"

/* madvise(2): since Linux 5.14; older ones refuse it. */
enum { ADVICE_POPULATE_WRITE = 23 };

void prefault(void *memory, size_t size_bytes)
{
	uintptr_t start = ((uintptr_t)memory + PAGE_BYTES - 1) &
			  ~(uintptr_t)(PAGE_BYTES - 1),
		  end = ((uintptr_t)memory + size_bytes) & ~(uintptr_t)(PAGE_BYTES - 1);

	if (end > start)
		madvise((void *)start, end - start, ADVICE_POPULATE_WRITE);
}
