// SPDX-License-Identifier: GPL-2.0-only
/* rep movsb onto a constant.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static u8 zeros[16];

static int __init corpus_init(void)
{
	void *to = (void *)&uuid_null, *from = zeros;
	unsigned long count = 16;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
