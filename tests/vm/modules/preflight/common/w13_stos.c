// SPDX-License-Identifier: GPL-2.0-only
/* stosq, whose memory operand is hidden.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	void *to = (void *)&uuid_null;

	asm volatile("stosq" : "+D"(to) : "a"(0UL) : "memory");
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
