// SPDX-License-Identifier: GPL-2.0-only
/* __ro_after_init written by a helper that only init calls.
 * preflight: clean - - load
 */
#include "corpus.h"

static int limit __ro_after_init;
static int wanted = 3;

static noinline void set(int i)
{
	limit = i & 7;
}

static int __init corpus_init(void)
{
	set(READ_ONCE(wanted));
	return limit == 9;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
