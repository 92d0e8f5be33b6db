// SPDX-License-Identifier: GPL-2.0-only
/* The pattern of 2020: a hook appended, which writes the last entry.
 * preflight: would-fault corpus_init bpf_lsm_hooks|tomoyo_hooks load
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
	hlist_add_tail_rcu(&hook.list, &heads->file_open);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
