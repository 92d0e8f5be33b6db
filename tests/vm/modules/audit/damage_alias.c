// SPDX-License-Identifier: GPL-2.0-or-later
/* A second, writable mapping of the page of a read-only address in the kernel image. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

static unsigned long target;
module_param(target, ulong, 0);
static void *mapping;

static int __init damage_init(void)
{
	struct page *page = pfn_to_page(__pa_symbol(target) >> PAGE_SHIFT);

	mapping = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	return mapping ? 0 : -ENOMEM;
}

static void __exit damage_exit(void)
{
	vunmap(mapping);
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
