// SPDX-License-Identifier: GPL-2.0-only
/* A page-table entry read.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)&uuid_null, &level);

	return entry && READ_ONCE(*(unsigned long *)entry) ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
