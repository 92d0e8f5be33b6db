/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/timer.h>

#include "waiting.h"

static DECLARE_COMPLETION(done);
static int nr;
static void run(struct timer_list *of);
static DEFINE_TIMER(timer, run);

static void run(struct timer_list *of)
{
	if (++nr < 3) {
		mod_timer(&timer, jiffies + 2);
		return;
	}
	value++;
	complete(&done);
}

static int __init enter(void)
{
	mod_timer(&timer, jiffies + 2);
	return wait_for_completion_timeout(&done, 10 * HZ) ? has_run() : -ETIMEDOUT;
}
module_init(enter);
