// SPDX-License-Identifier: GPL-2.0-only
/* A hook put first, which writes the head.
 * preflight: would-fault corpus_init security_hook_heads load
 */
#include "corpus.h"

static struct security_hook_list hook = { .lsm = "corpus" };

static int __init corpus_init(void)
{
	struct security_hook_heads *heads;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	heads = (void *)corpus_lookup("security_hook_heads");
	if (!heads)
		return -ENOENT;
	hlist_add_head_rcu(&hook.list, &heads->file_open);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
