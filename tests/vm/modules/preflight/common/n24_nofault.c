// SPDX-License-Identifier: GPL-2.0-only
/* A write to a constant that cannot fault.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	long (*copy)(void *to, const void *from, size_t nr);

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	copy = (void *)corpus_lookup("copy_to_kernel_nofault");
	if (!copy)
		return -ENOENT;
	return copy((void *)&uuid_null, &uuid_null, 4) ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
