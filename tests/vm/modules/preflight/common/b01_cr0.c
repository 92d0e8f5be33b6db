// SPDX-License-Identifier: GPL-2.0-only
/* CR0.WP cleared by hand.
 * preflight: bypass corpus_init uuid_null survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	unsigned long cr0 = read_cr0(), flags;

	local_irq_save(flags);
	asm volatile("mov %0, %%cr0" : : "r"(cr0 & ~0x10000UL) : "memory");
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	asm volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
	local_irq_restore(flags);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
