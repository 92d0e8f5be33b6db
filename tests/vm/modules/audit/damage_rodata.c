// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes the page of a read-only address writable by its page-table entry, as
 * set_memory_rw() would not.
 */
#include <linux/module.h>
#include <linux/mm.h>
#include <asm/tlbflush.h>

static unsigned long target;
module_param(target, ulong, 0);

static void flip(void)
{
	unsigned int level;
	pte_t *entry = lookup_address(target, &level);

	WRITE_ONCE(entry->pte, entry->pte ^ _PAGE_RW);
	asm volatile("invlpg (%0)" : : "r"(target) : "memory");
}

static int __init damage_init(void)
{
	flip();
	return 0;
}

static void __exit damage_exit(void)
{
	flip();
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
