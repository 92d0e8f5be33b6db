/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/hrtimer.h>
#include <linux/version.h>

static inline void set_up(struct hrtimer *timer,
			  enum hrtimer_restart (*run)(struct hrtimer *), clockid_t clock,
			  enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, run, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = run;
#endif
}
