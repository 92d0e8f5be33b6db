// SPDX-License-Identifier: GPL-2.0-only
/* In the unlikely half of a function.
 * preflight: would-fault rare uuid_null load
 */
#include "corpus.h"

static int state = 1;

static __attribute__((cold)) noinline void rare(void)
{
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
}

static noinline int check(int i)
{
	if (unlikely(i))
		rare();
	return 0;
}

static int __init corpus_init(void)
{
	return check(READ_ONCE(state));
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
