// SPDX-License-Identifier: GPL-2.0-or-later
/* Its init fails: it is in the list of modules for a moment, coming and going. */
#include <linux/module.h>
#include <linux/slab.h>

static const unsigned long constants[512] = {1};

static int __init churn_init(void)
{
	void *memory = kmalloc(constants[0] + 100, GFP_KERNEL);

	kfree(memory);
	return -ENODEV;
}

module_init(churn_init);
MODULE_LICENSE("GPL");
