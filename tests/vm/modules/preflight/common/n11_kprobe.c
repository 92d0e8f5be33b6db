// SPDX-License-Identifier: GPL-2.0-only
/* A kprobe on a function, and no more.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	return corpus_find_lookup();
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
