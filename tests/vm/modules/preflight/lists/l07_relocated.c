// SPDX-License-Identifier: GPL-2.0-only
/* An array whose head is relocated: not exported, so not loaded.
 * preflight: would-fault corpus_init bpf_lsm_hooks|tomoyo_hooks refused
 */
#include "corpus.h"

static struct security_hook_list hook = {
	.head = &security_hook_heads.file_open, .lsm = "corpus" };

static int __init corpus_init(void)
{
	hlist_add_tail_rcu(&hook.list, hook.head);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
