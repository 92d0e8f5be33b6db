/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/irq_work.h>

#include "waiting.h"

static DECLARE_COMPLETION(done);
static struct irq_work first, second;

static void run_first(struct irq_work *work)
{
	complete(&done);
}

static void run(struct irq_work *work)
{
	value++;
}

static int __init enter(void)
{
	init_irq_work(&first, run_first);
	init_irq_work(&second, run);
	irq_work_queue(&first);
	wait_for_completion(&done);
	irq_work_queue(&second);
	irq_work_sync(&second);
	return has_run();
}
module_init(enter);
