// SPDX-License-Identifier: GPL-2.0-only
/* A constant that another module exports.
 * preflight: would-fault corpus_init corpus_exported load
 */
#include "corpus.h"

extern const int corpus_exported[4];

static int __init corpus_init(void)
{
	WRITE_ONCE(*(int *)&corpus_exported[1], 5);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
