// SPDX-License-Identifier: GPL-2.0-only
/* A pop into a constant.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	asm volatile("pushq $0\n\tpopq %0" : "=m"(*(u64 *)&uuid_null));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
