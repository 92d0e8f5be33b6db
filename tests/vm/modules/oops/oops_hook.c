/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hooks file_open the way modules of 4.11 did: by the list, or by the static-call table.
 */
#include "oops.h"

#include <linux/lsm_hooks.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static struct hlist_node node;

noinline static int oops_hook(void)
{
	struct security_hook_heads *heads = oops_lookup("security_hook_heads");

	if (!heads)
		return -ENOENT;
	hlist_add_tail_rcu(&node, &heads->file_open);
	return -EALREADY;
}
#else
static struct security_hook_list hook;

noinline static int oops_hook(void)
{
	struct lsm_static_calls_table *table = oops_lookup("static_calls_table");

	if (!table)
		return -ENOENT;
	oops_store(&table->file_open[MAX_LSM_COUNT - 1].hl, (unsigned long)&hook);
	return -EALREADY;
}
#endif

module_init(oops_hook);
