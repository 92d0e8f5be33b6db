// SPDX-License-Identifier: GPL-2.0-only
/* A slot of static_calls_table overwritten.
 * preflight: would-fault corpus_init static_calls_table load
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
	WRITE_ONCE(table[3].hl, READ_ONCE(table[3].hl));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
