// SPDX-License-Identifier: GPL-2.0-only
/* memcpy() onto a constant.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static size_t size = 16;
static u8 zeros[16];

static int __init corpus_init(void)
{
	memcpy((void *)&uuid_null, zeros, READ_ONCE(size));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
