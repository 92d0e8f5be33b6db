// SPDX-License-Identifier: GPL-2.0-only
/* An exchange.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	xchg((u32 *)&uuid_null, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
