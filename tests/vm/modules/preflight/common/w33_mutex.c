// SPDX-License-Identifier: GPL-2.0-only
/* A mutex taken that is const.
 * preflight: would-fault corpus_init lock load-in-callee
 */
#include "corpus.h"

static const struct { long space[16]; } lock;

static int __init corpus_init(void)
{
	mutex_lock((struct mutex *)&lock);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
