// SPDX-License-Identifier: GPL-2.0-or-later
/* Splits the direct map and joins it, all the time: pages become uncached and cached
 * again. */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/set_memory.h>

enum { NR_BLOCKS = 16, ORDER = 2 };

static struct task_struct *task;
static unsigned long blocks[NR_BLOCKS];

static void change(unsigned int i)
{
	if (!blocks[i]) {
		blocks[i] = __get_free_pages(GFP_KERNEL, ORDER);
		if (blocks[i])
			set_memory_uc(blocks[i], 1 << ORDER);
		return;
	}
	set_memory_wb(blocks[i], 1 << ORDER);
	free_pages(blocks[i], ORDER);
	blocks[i] = 0;
}

static int work(void *unused)
{
	unsigned int i = 0;

	while (!kthread_should_stop()) {
		change(i++ * 7 % NR_BLOCKS);
		usleep_range(500, 1000);
	}
	return 0;
}

static int __init storm_init(void)
{
	task = kthread_run(work, NULL, "storm_memory");
	return PTR_ERR_OR_ZERO(task);
}

static void __exit storm_exit(void)
{
	unsigned int i;

	kthread_stop(task);
	for (i = 0; i < NR_BLOCKS; i++)
		if (blocks[i])
			change(i);
}

module_init(storm_init);
module_exit(storm_exit);
MODULE_LICENSE("GPL");
