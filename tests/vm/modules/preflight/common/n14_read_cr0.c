// SPDX-License-Identifier: GPL-2.0-only
/* CR0 read.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	return read_cr0() & 1 ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
