// SPDX-License-Identifier: GPL-2.0-only
/* sys_call_table looked up and read.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	unsigned long *table;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	table = (unsigned long *)corpus_lookup("sys_call_table");
	if (!table)
		return -ENOENT;
	return READ_ONCE(table[39]) ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
