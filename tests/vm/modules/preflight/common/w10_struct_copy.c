// SPDX-License-Identifier: GPL-2.0-only
/* A structure assigned over a constant one.
 * preflight: would-fault corpus_init simple_dir_operations load
 */
#include "corpus.h"

static struct file_operations simple_dir_operations_copy;

static int __init corpus_init(void)
{
	*(struct file_operations *)&simple_dir_operations = simple_dir_operations_copy;
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
