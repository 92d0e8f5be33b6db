// SPDX-License-Identifier: GPL-2.0-only
/* A constant of its own, at an index.
 * preflight: would-fault corpus_init table load
 */
#include "corpus.h"

static const int table[4] = { 1, 2, 3, 4 };
static int at = 2;

static int __init corpus_init(void)
{
	WRITE_ONCE(((int *)table)[READ_ONCE(at) & 3], 7);
	return READ_ONCE(table[2]) ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
