// SPDX-License-Identifier: GPL-2.0-only
/* A page-table entry edited.
 * preflight: bypass corpus_init uuid_null survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)&uuid_null, &level);

	if (!entry)
		return -ENOENT;
	WRITE_ONCE(*(unsigned long *)entry, *(unsigned long *)entry | _PAGE_RW);
	__flush_tlb_all();
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
