// SPDX-License-Identifier: GPL-2.0-only
/* Four calls deep, the address computed on the way.
 * preflight: would-fault four uuid_null load
 */
#include "corpus.h"

static noinline int four(unsigned long at)
{
	WRITE_ONCE(*(u32 *)(at + 4), 0);
	return 0;
}

static noinline int three(unsigned long at)
{
	return four(at & ~7UL) + 1;
}

static noinline int two(unsigned long at)
{
	return three(at + 4) + 1;
}

static noinline int one(unsigned long at)
{
	return two(at) + 1;
}

static int __init corpus_init(void)
{
	return one((unsigned long)&uuid_null);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
