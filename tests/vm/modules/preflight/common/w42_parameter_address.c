// SPDX-License-Identifier: GPL-2.0-only
/* Where a parameter says.
 * preflight: would-fault corpus_init uuid_null load at=@uuid_null
 */
#include "corpus.h"

static unsigned long at;
module_param(at, ulong, 0);

static int __init corpus_init(void)
{
	if (at)
		WRITE_ONCE(*(u8 *)at, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
