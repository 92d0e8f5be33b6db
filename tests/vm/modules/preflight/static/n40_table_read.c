// SPDX-License-Identifier: GPL-2.0-only
/* static_calls_table read.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	struct lsm_static_call *table;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	table = (void *)corpus_lookup("static_calls_table");
	if (!table)
		return -ENOENT;
	return READ_ONCE(table[0].key) ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
