/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three times, from a time that is given, by the time of day. */
#include <linux/delay.h>

#include "hrtimer.h"
#include "waiting.h"

static struct hrtimer timer;
static int nr;

static enum hrtimer_restart run(struct hrtimer *expired)
{
	if (++nr == 3) {
		value++;
		return HRTIMER_NORESTART;
	}
	hrtimer_forward_now(expired, ms_to_ktime(5));
	return HRTIMER_RESTART;
}

static int __init enter(void)
{
	set_up(&timer, run, CLOCK_REALTIME, HRTIMER_MODE_ABS);
	hrtimer_start(&timer, ktime_add_ms(ktime_get_real(), 5), HRTIMER_MODE_ABS);
	if (!hrtimer_active(&timer))
		return -ENOENT;
	msleep(500);
	return hrtimer_active(&timer) ? -EBUSY : has_run();
}
module_init(enter);
