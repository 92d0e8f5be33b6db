// SPDX-License-Identifier: GPL-2.0-only
/* In a callback that may never come.
 * preflight: suspect changed uuid_null never
 */
#include "corpus.h"

static int changed(struct notifier_block *block, unsigned long event, void *data)
{
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	return NOTIFY_OK;
}

static struct notifier_block notify;

static int __init corpus_init(void)
{
	notify.notifier_call = changed;
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
