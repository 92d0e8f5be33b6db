// SPDX-License-Identifier: GPL-2.0-only
/* Allocated memory written.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	u8 *at = kmemdup(&uuid_null, 16, GFP_KERNEL);

	if (!at)
		return -ENOMEM;
	WRITE_ONCE(at[3], 1);
	kfree(at);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
