/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/kthread.h>
#include <linux/wait_bit.h>

#include "waiting.h"

static unsigned long word = 4;

static int run(void *data)
{
	value++;
	clear_bit_unlock(2, &word);
	smp_mb__after_atomic();
	wake_up_bit(&word, 2);
	return 0;
}

static int __init enter(void)
{
	kthread_run(run, NULL, "waiting");
	wait_on_bit(&word, 2, TASK_UNINTERRUPTIBLE);
	return has_run();
}
module_init(enter);
