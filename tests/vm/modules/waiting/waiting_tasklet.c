/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/interrupt.h>

#include "waiting.h"

static void run(struct tasklet_struct *of)
{
	value++;
}
static DECLARE_TASKLET(tasklet, run);

static int __init enter(void)
{
	tasklet_hi_schedule(&tasklet);
	tasklet_kill(&tasklet);
	return has_run();
}
module_init(enter);
