// SPDX-License-Identifier: GPL-2.0-only
/* A second mapping by vmap().
 * preflight: bypass corpus_init uuid_null survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	struct page *page = pfn_to_page(__pa_symbol(&uuid_null) >> PAGE_SHIFT);
	u8 *alias = vmap(&page, 1, VM_MAP, PAGE_KERNEL);

	if (!alias)
		return -ENOMEM;
	WRITE_ONCE(alias[offset_in_page(&uuid_null)], 0);
	vunmap(alias);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
