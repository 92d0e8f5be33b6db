// SPDX-License-Identifier: GPL-2.0-only
/* set_memory_rw() first, which does not help.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	int (*set_rw)(unsigned long at, int pages);
	unsigned long at = (unsigned long)&uuid_null;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	set_rw = (void *)corpus_lookup("set_memory_rw");
	if (!set_rw)
		return -ENOENT;
	set_rw(at & PAGE_MASK, 1);
	WRITE_ONCE(*(u8 *)at, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
