// SPDX-License-Identifier: GPL-2.0-only
/* The head by a parameter.
 * preflight: would-fault corpus_init bpf_lsm_hooks|tomoyo_hooks load at=@security_hook_heads
 */
#include "corpus.h"

static struct security_hook_list hook = { .lsm = "corpus" };
static unsigned long at;
module_param(at, ulong, 0);

static int __init corpus_init(void)
{
	struct security_hook_heads *heads = (void *)at;

	if (!at)
		return -EINVAL;
	hlist_add_tail_rcu(&hook.list, &heads->file_open);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
