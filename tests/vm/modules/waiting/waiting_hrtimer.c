/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hrtimer.h"
#include "waiting.h"

static DECLARE_COMPLETION(done);
static struct hrtimer timer;

static enum hrtimer_restart run(struct hrtimer *expired)
{
	value++;
	complete(&done);
	return HRTIMER_NORESTART;
}

static int __init enter(void)
{
	set_up(&timer, run, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, ms_to_ktime(10), HRTIMER_MODE_REL);
	wait_for_completion(&done);
	return has_run();
}
module_init(enter);
