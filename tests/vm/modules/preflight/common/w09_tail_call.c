// SPDX-License-Identifier: GPL-2.0-only
/* In a function that init ends by jumping to.
 * preflight: would-fault put uuid_null load
 */
#include "corpus.h"

static noinline int put(volatile u8 *at)
{
	at[9] = 0;
	return 0;
}

static int __init corpus_init(void)
{
	return put((u8 *)&uuid_null);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
