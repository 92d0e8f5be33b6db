// SPDX-License-Identifier: GPL-2.0-or-later
/* From 6.12: installs a hook in an empty slot by exported functions alone, without a
 * write to anything that is sealed.
 */
#include <linux/fs.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/static_call.h>
#include <linux/version.h>

static unsigned long key, trampoline, active;
module_param(key, ulong, 0);
module_param(trampoline, ulong, 0);
module_param(active, ulong, 0);

static int damage_file_open(struct file *file)
{
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static int __init damage_init(void)
{
	__static_call_update((struct static_call_key *)key, (void *)trampoline,
			     damage_file_open);
	static_key_enable((struct static_key *)active);
	return 0;
}

static void __exit damage_exit(void)
{
	static_key_disable((struct static_key *)active);
	__static_call_update((struct static_call_key *)key, (void *)trampoline, NULL);
}
#else
static int __init damage_init(void)
{
	return damage_file_open(NULL) ?: -EOPNOTSUPP;
}

static void __exit damage_exit(void)
{
}
#endif

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
