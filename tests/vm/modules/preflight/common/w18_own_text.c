// SPDX-License-Identifier: GPL-2.0-only
/* A store to code of its own.
 * preflight: would-fault corpus_init victim load
 */
#include "corpus.h"

static __attribute__((noipa)) int victim(int i)
{
	return i * 3;
}

static int __init corpus_init(void)
{
	WRITE_ONCE(*(u8 *)victim, 0x90);
	return victim(3) ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
