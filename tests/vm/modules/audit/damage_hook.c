// SPDX-License-Identifier: GPL-2.0-or-later
/* Up to 6.11: links a hook of its own into a sealed list, with CR0.WP cleared. */
#include <linux/lsm_hooks.h>
#include <linux/module.h>

#include "wp.h"

static unsigned long heads; /* security_hook_heads */
module_param(heads, ulong, 0);

#if !defined(MAX_LSM_COUNT)
static int hook_file_open(struct file *file)
{
	return 0;
}
#endif

#if IS_ENABLED(CONFIG_SECURITY) && !defined(MAX_LSM_COUNT)
static struct security_hook_list hook;

static void link_hook(bool is_in)
{
	unsigned long flags, cr0 = wp_off(&flags);

	if (is_in)
		hlist_add_tail_rcu(&hook.list, hook.head);
	else
		hlist_del_rcu(&hook.list);
	wp_on(cr0, flags);
}

static int __init damage_init(void)
{
	hook.head = &((struct security_hook_heads *)heads)->file_open;
	hook.hook.file_open = hook_file_open;
	hook.lsm = "damage";
	link_hook(true);
	return 0;
}

static void __exit damage_exit(void)
{
	link_hook(false);
}
#else
static int __init damage_init(void)
{
	return -EOPNOTSUPP;
}

static void __exit damage_exit(void)
{
}
#endif

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
