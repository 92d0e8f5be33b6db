// SPDX-License-Identifier: GPL-2.0-only
/* A loop over a table of addresses.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static u8 scratch[2];
static u8 *targets[] = { scratch, scratch + 1, (u8 *)&uuid_null + 2 };

static int __init corpus_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++)
		WRITE_ONCE(*READ_ONCE(targets[i]), 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
