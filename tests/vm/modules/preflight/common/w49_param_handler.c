// SPDX-License-Identifier: GPL-2.0-only
/* A constant of its own, from a handler that is called.
 * preflight: would-fault set_table table load table=1
 */
#include "corpus.h"

static const int table[2] = { 1, 2 };

static int set_table(const char *value, const struct kernel_param *kp)
{
	WRITE_ONCE(*(int *)&table[0], 3);
	return 0;
}

static const struct kernel_param_ops table_ops = { .set = set_table };
module_param_cb(table, &table_ops, NULL, 0644);

static int __init corpus_init(void)
{
	return READ_ONCE(table[0]) == 9;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
