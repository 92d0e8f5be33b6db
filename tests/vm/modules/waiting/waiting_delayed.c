/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is delayed for an hour is not run by a flush of its queue, and is by its own. */
#include <linux/workqueue.h>

#include "waiting.h"

static void run(struct work_struct *work)
{
	value++;
}
static DECLARE_DELAYED_WORK(work, run);

static int __init enter(void)
{
	struct workqueue_struct *queue = alloc_workqueue("waiting", 0, 0);
	int r = 0;

	if (!queue)
		return -ENOMEM;
	queue_delayed_work(queue, &work, 3600 * HZ);
	flush_workqueue(queue);
	if (READ_ONCE(value))
		r = -EEXIST;
	flush_delayed_work(&work);
	destroy_workqueue(queue);
	return r ? r : has_run();
}
module_init(enter);
