// SPDX-License-Identifier: GPL-2.0-only
/* The hook of a live entry overwritten.
 * preflight: would-fault corpus_init - load
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
	if (!table[0].hl)
		return -ENOENT;
	WRITE_ONCE(*(void **)&table[0].hl->hook, *(void **)&table[0].hl->hook);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
