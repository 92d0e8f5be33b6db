// SPDX-License-Identifier: GPL-2.0-only
/* A compare and exchange that would change nothing.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	cmpxchg((u32 *)&uuid_null, 5, 6);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
