// SPDX-License-Identifier: GPL-2.0-only
/* A non-temporal store.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	asm volatile("movnti %1, %0" : "=m"(*(u64 *)&uuid_null) : "r"(0UL));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
