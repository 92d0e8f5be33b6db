// SPDX-License-Identifier: GPL-2.0-only
/* A store to a constant of its own.
 * preflight: would-fault corpus_init table load
 */
#include "corpus.h"

static const int table[4] = { 1, 2, 3, 4 };

static int __init corpus_init(void)
{
	WRITE_ONCE(*(int *)&table[1], 7);
	return READ_ONCE(table[1]) == 7 ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
