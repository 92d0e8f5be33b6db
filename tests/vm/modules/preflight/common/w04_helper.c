// SPDX-License-Identifier: GPL-2.0-only
/* In a helper that is given the address.
 * preflight: would-fault put uuid_null load
 */
#include "corpus.h"

static noinline void put(volatile u8 *at, u8 value)
{
	*at = value;
}

static int __init corpus_init(void)
{
	put((u8 *)&uuid_null + 3, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
