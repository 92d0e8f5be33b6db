/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A queue that goes has its work done first. */
#include <linux/workqueue.h>

#include "waiting.h"

static void run(struct work_struct *work)
{
	value++;
}
static DECLARE_WORK(work, run);

static int __init enter(void)
{
	struct workqueue_struct *queue = alloc_workqueue("waiting", 0, 0);

	if (!queue)
		return -ENOMEM;
	queue_work(queue, &work);
	destroy_workqueue(queue);
	return has_run();
}
module_init(enter);
