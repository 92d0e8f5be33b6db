// SPDX-License-Identifier: GPL-2.0-only
/* A page-table entry edited.
 * preflight: bypass corpus_init uuid_null survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)&uuid_null, &level);
	unsigned long before;

	if (!entry)
		return -ENOENT;
	before = READ_ONCE(*(unsigned long *)entry);
	WRITE_ONCE(*(unsigned long *)entry, before | _PAGE_RW);
	asm volatile("invlpg (%0)" : : "r"(&uuid_null) : "memory");
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	WRITE_ONCE(*(unsigned long *)entry, before);
	asm volatile("invlpg (%0)" : : "r"(&uuid_null) : "memory");
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
