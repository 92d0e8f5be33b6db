// SPDX-License-Identifier: GPL-2.0-only
/* A loop over a constant.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	volatile u8 *bytes = (volatile u8 *)&uuid_null;
	int i;

	for (i = 4; i < 16; i++)
		bytes[i] = 0;
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
