// SPDX-License-Identifier: GPL-2.0-only
/* A bit test and set by register.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static long bit = 5;

static int __init corpus_init(void)
{
	return test_and_set_bit(READ_ONCE(bit), (unsigned long *)&uuid_null);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
