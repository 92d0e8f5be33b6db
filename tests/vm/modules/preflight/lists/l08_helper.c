// SPDX-License-Identifier: GPL-2.0-only
/* Added by a helper, one hook after another.
 * preflight: would-fault add apparmor_hooks|bpf_lsm_hooks|tomoyo_hooks load
 */
#include "corpus.h"

static struct security_hook_list hooks[2];

static noinline void add(struct security_hook_list *hook, struct hlist_head *head)
{
	hook->head = head;
	hook->lsm = "corpus";
	hlist_add_tail_rcu(&hook->list, hook->head);
}

static int __init corpus_init(void)
{
	struct security_hook_heads *heads;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	heads = (void *)corpus_lookup("security_hook_heads");
	if (!heads)
		return -ENOENT;
	add(&hooks[0], &heads->task_alloc);
	add(&hooks[1], &heads->file_open);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
