// SPDX-License-Identifier: GPL-2.0-or-later
/* One page that is writable and executable. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static struct page *page;
static void *mapping;

static int __init damage_init(void)
{
	unsigned int level;
	pte_t *entry;

	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	mapping = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!mapping)
		return -ENOMEM;
	/* vmap() itself never maps executable since 5.13. */
	entry = lookup_address((unsigned long)mapping, &level);
	WRITE_ONCE(entry->pte, entry->pte & ~_PAGE_NX);
	return 0;
}

static void __exit damage_exit(void)
{
	vunmap(mapping);
	__free_page(page);
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
