// SPDX-License-Identifier: GPL-2.0-or-later
/* Loaded and unloaded all the time: has text, constants and data sealed after its init.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/reboot.h>

static const unsigned long constants[512] = {1};
static unsigned long sealed __ro_after_init;

static int on_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	return constants[action % 512] + sealed ? NOTIFY_DONE : NOTIFY_OK;
}

static struct notifier_block block = {.notifier_call = on_reboot};

static int __init churn_init(void)
{
	sealed = jiffies;
	return register_reboot_notifier(&block);
}

static void __exit churn_exit(void)
{
	unregister_reboot_notifier(&block);
}

module_init(churn_init);
module_exit(churn_exit);
MODULE_LICENSE("GPL");
