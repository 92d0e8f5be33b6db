// SPDX-License-Identifier: GPL-2.0-only
/* A static call of its own redirected.
 * preflight: clean - - load
 */
#include "corpus.h"

static int one(void)
{
	return 1;
}

static int two(void)
{
	return 2;
}

DEFINE_STATIC_CALL(say, one);

static int __init corpus_init(void)
{
	static_call_update(say, two);
	return static_call(say)() == 2 ? 0 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
