// SPDX-License-Identifier: GPL-2.0-only
/* A byte or-ed in place.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	asm volatile("orb $0, %0" : "+m"(*(u8 *)&uuid_null));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
