/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/kthread.h>

#include "waiting.h"

static struct kthread_work work;

static void run(struct kthread_work *of)
{
	value++;
}

static int __init enter(void)
{
	struct kthread_worker *worker = kthread_create_worker(0, "waiting");

	if (IS_ERR(worker))
		return (int)PTR_ERR(worker);
	kthread_init_work(&work, run);
	kthread_queue_work(worker, &work);
	kthread_flush_worker(worker);
	kthread_destroy_worker(worker);
	return has_run();
}
module_init(enter);
