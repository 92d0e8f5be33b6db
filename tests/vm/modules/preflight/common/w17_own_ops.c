// SPDX-License-Identifier: GPL-2.0-only
/* A callback put into an operations table that is const.
 * preflight: would-fault corpus_init ops load
 */
#include "corpus.h"

static int opened(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations ops = { .open = opened };

static int __init corpus_init(void)
{
	WRITE_ONCE(*(void **)&ops.open, NULL);
	return (long)READ_ONCE(ops.open);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
