// SPDX-License-Identifier: GPL-2.0-only
/* A locked increment of a constant.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	atomic_inc((atomic_t *)&uuid_null);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
