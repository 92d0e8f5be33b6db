// SPDX-License-Identifier: GPL-2.0-only
/* An entry of sys_call_table.
 * preflight: would-fault corpus_init sys_call_table load
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
	WRITE_ONCE(table[39], READ_ONCE(table[39]));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
