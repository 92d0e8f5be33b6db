// SPDX-License-Identifier: GPL-2.0-only
/* A parameter whose variable is const.
 * preflight: would-fault __param limit load-in-callee limit=4
 */
#include "corpus.h"

static const int limit = 3;
module_param_named(limit, *(int *)&limit, int, 0644);

static int __init corpus_init(void)
{
	return READ_ONCE(limit) == 9;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
