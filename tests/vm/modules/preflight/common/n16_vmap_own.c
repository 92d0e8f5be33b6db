// SPDX-License-Identifier: GPL-2.0-only
/* A page of its own mapped twice and written.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *alias;

	if (!page)
		return -ENOMEM;
	alias = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (alias)
		WRITE_ONCE(alias[3], 1);
	vunmap(alias);
	__free_page(page);
	return alias ? 0 : -ENOMEM;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
