/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/delay.h>

#include "hrtimer.h"
#include "waiting.h"

static struct hrtimer timer;

static enum hrtimer_restart run(struct hrtimer *expired)
{
	value = 7;
	return HRTIMER_NORESTART;
}

static int __init enter(void)
{
	set_up(&timer, run, CLOCK_BOOTTIME, HRTIMER_MODE_REL);
	hrtimer_start(&timer, ms_to_ktime(5000), HRTIMER_MODE_REL);
	value += hrtimer_cancel(&timer);
	msleep(20);
	return hrtimer_active(&timer) || hrtimer_cancel(&timer) ? -EBUSY : has_run();
}
module_init(enter);
