// SPDX-License-Identifier: GPL-2.0-only
/* An array of hooks whose heads are filled in, then added in a loop.
 * preflight: would-fault corpus_init apparmor_hooks|bpf_lsm_hooks|tomoyo_hooks load
 */
#include "corpus.h"

static struct security_hook_list hooks[2] = { { .lsm = "corpus" }, { .lsm = "corpus" } };

static int __init corpus_init(void)
{
	struct security_hook_heads *heads;
	int i;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	heads = (void *)corpus_lookup("security_hook_heads");
	if (!heads)
		return -ENOENT;
	hooks[0].head = &heads->task_alloc;
	hooks[1].head = &heads->file_open;
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		hlist_add_tail_rcu(&hooks[i].list, hooks[i].head);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
