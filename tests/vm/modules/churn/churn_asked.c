// SPDX-License-Identifier: GPL-2.0-or-later
/* What preflight is asked about: its init allocates and registers, and returns 0. */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/slab.h>

static void *memory;

static int on_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = on_reboot};

static int __init churn_init(void)
{
	int r;

	memory = kmalloc(200, GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	r = register_reboot_notifier(&block);
	if (r)
		kfree(memory);
	return r;
}

static void __exit churn_exit(void)
{
	unregister_reboot_notifier(&block);
	kfree(memory);
}

module_init(churn_init);
module_exit(churn_exit);
MODULE_LICENSE("GPL");
