// SPDX-License-Identifier: GPL-2.0-only
/* Exports a constant for w53 and writes none.
 * preflight: clean - - loaded
 */
#include "corpus.h"

const int corpus_exported[4] = { 1, 2, 3, 4 };
EXPORT_SYMBOL_GPL(corpus_exported);

static int __init corpus_init(void)
{
	return 0;
}
module_init(corpus_init);

static void __exit corpus_exit(void)
{
}
module_exit(corpus_exit);
MODULE_LICENSE("GPL");
