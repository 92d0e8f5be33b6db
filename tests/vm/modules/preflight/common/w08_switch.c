// SPDX-License-Identifier: GPL-2.0-only
/* In a case of a switch.
 * preflight: would-fault pick uuid_null load
 */
#include "corpus.h"

static int choice = 3;

static noinline int pick(int i)
{
	switch (i) {
	case 0:
		return -EINVAL;
	case 1:
		pr_info("one\n");
		return -EPERM;
	case 2:
		pr_info("two\n");
		return -ENOENT;
	case 3:
		WRITE_ONCE(*(u8 *)&uuid_null, 0);
		return 0;
	case 4:
		pr_info("four\n");
		return -EIO;
	case 5:
		pr_info("five\n");
		return -ENXIO;
	default:
		return -E2BIG;
	}
}

static int __init corpus_init(void)
{
	return pick(READ_ONCE(choice));
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
