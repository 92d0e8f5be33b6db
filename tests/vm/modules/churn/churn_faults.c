// SPDX-License-Identifier: GPL-2.0-or-later
/* What preflight is asked about: its init writes to a constant of its own. */
#include <linux/module.h>
#include <linux/slab.h>

static const unsigned long constants[512] = {1};

static int __init churn_init(void)
{
	unsigned long *memory = kmalloc(200, GFP_KERNEL);

	if (!memory)
		return -ENOMEM;
	*memory = jiffies;
	WRITE_ONCE(*(unsigned long *)&constants[*memory ? 3 : 4], 2);
	kfree(memory);
	return 0;
}

static void __exit churn_exit(void)
{
}

module_init(churn_init);
module_exit(churn_exit);
MODULE_LICENSE("GPL");
