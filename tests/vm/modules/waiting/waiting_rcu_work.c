/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Twice: what has run may be queued again. */
#include <linux/workqueue.h>

#include "waiting.h"

static int nr;

static void run(struct work_struct *work)
{
	value = ++nr == 2;
}
static struct rcu_work work;

static int __init enter(void)
{
	struct workqueue_struct *queue = alloc_workqueue("waiting", 0, 0);
	int i;

	if (!queue)
		return -ENOMEM;
	INIT_RCU_WORK(&work, run);
	for (i = 0; i < 2; i++) {
		queue_rcu_work(queue, &work);
		flush_rcu_work(&work);
	}
	destroy_workqueue(queue);
	return has_run();
}
module_init(enter);
