// SPDX-License-Identifier: GPL-2.0-only
/* Behind a parameter that is set.
 * preflight: would-fault corpus_init uuid_null load arm=1
 */
#include "corpus.h"

static bool arm;
module_param(arm, bool, 0);

static int __init corpus_init(void)
{
	if (READ_ONCE(arm))
		WRITE_ONCE(*(u8 *)&uuid_null, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
