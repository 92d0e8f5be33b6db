/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ways: init waits for its thread, and that for init. */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/semaphore.h>

#include "waiting.h"

static struct semaphore ours, its;
static int nr;

static int run(void *data)
{
	down(&its);
	nr++;
	up(&ours);
	down(&its);
	value = nr == 2;
	up(&ours);
	return 0;
}

static int __init enter(void)
{
	sema_init(&ours, 0);
	sema_init(&its, 0);
	kthread_run(run, NULL, "waiting");
	msleep(5);
	up(&its);
	down(&ours);
	nr++;
	up(&its);
	down(&ours);
	return has_run();
}
module_init(enter);
