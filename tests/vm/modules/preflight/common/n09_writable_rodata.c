// SPDX-License-Identifier: GPL-2.0-only
/* A section named like constants that is not.
 * preflight: clean - - load
 */
#include "corpus.h"

static int table[4] __attribute__((section(".rodata.not"))) = { 1, 2, 3, 4 };

static int __init corpus_init(void)
{
	WRITE_ONCE(table[1], 5);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
