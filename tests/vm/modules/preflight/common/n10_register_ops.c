// SPDX-License-Identifier: GPL-2.0-only
/* A table of constant operations handed to a registration.
 * preflight: clean - - load
 */
#include "corpus.h"

static int opened(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations ops = { .owner = THIS_MODULE, .open = opened };
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR, .name = "corpus", .fops = &ops };

static int __init corpus_init(void)
{
	int r = misc_register(&device);

	if (r == 0)
		misc_deregister(&device);
	return r;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
