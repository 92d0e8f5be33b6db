// SPDX-License-Identifier: GPL-2.0-only
/* A byte set by a condition.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int left = 1, right = 2;

static int __init corpus_init(void)
{
	volatile bool *at = (volatile bool *)&uuid_null;

	*at = READ_ONCE(left) > READ_ONCE(right);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
