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
	return misc_register(&device);
}
module_init(corpus_init);

static void __exit corpus_exit(void)
{
	misc_deregister(&device);
}
module_exit(corpus_exit);
MODULE_LICENSE("GPL");
