// SPDX-License-Identifier: GPL-2.0-only
/* Behind a static key that is on.
 * preflight: suspect|would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static DEFINE_STATIC_KEY_TRUE(armed);

static int __init corpus_init(void)
{
	if (static_branch_likely(&armed))
		WRITE_ONCE(*(u8 *)&uuid_null, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
