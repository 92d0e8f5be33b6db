// SPDX-License-Identifier: GPL-2.0-only
/* A bit set.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	set_bit(3, (unsigned long *)&uuid_null);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
