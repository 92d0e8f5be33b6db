// SPDX-License-Identifier: GPL-2.0-only
/* kernel_set_to_readonly cleared, then set_memory_rw().
 * preflight: bypass corpus_init kernel_set_to_readonly survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	int (*set_rw)(unsigned long at, int pages);
	int (*set_ro)(unsigned long at, int pages);
	int *flag;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	set_ro = (void *)corpus_lookup("set_memory_ro");
	if (!set_ro)
		return -ENOENT;
	set_rw = (void *)corpus_lookup("set_memory_rw");
	flag = (int *)corpus_lookup("kernel_set_to_readonly");
	if (!set_rw || !flag)
		return -ENOENT;
	WRITE_ONCE(*flag, 0);
	set_rw((unsigned long)&uuid_null & PAGE_MASK, 1);
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	set_ro((unsigned long)&uuid_null & PAGE_MASK, 1);
	WRITE_ONCE(*flag, 1);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
