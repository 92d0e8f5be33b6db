// SPDX-License-Identifier: GPL-2.0-only
/* A hook appended to an empty list: the head is written.
 * preflight: would-fault corpus_init security_hook_heads|apparmor_hooks|bpf_lsm_hooks load
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
	hlist_add_tail_rcu(&hook.list, &heads->audit_rule_init);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
