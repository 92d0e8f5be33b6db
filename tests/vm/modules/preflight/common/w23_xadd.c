// SPDX-License-Identifier: GPL-2.0-only
/* An exchange and add.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	atomic_add_return(0, (atomic_t *)&uuid_null + 1);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
