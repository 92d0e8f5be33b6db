// SPDX-License-Identifier: GPL-2.0-only
/* Behind a call that must succeed.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	int r = corpus_find_lookup();

	if (r < 0)
		return r;
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
