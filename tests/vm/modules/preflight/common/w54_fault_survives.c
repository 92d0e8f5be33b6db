// SPDX-License-Identifier: GPL-2.0-only
/* copy_to_kernel_nofault(), which survives, then a store.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	long (*copy)(void *to, const void *from, size_t nr);
	long r;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	copy = (void *)corpus_lookup("copy_to_kernel_nofault");
	if (!copy)
		return -ENOENT;
	r = copy((void *)&uuid_null, &uuid_null, 4);
	WRITE_ONCE(((u8 *)&uuid_null)[8], r);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
