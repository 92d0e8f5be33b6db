/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/async.h>
#include <linux/delay.h>

#include "waiting.h"

static void run(void *data, async_cookie_t cookie)
{
	msleep(5);
	value++;
}

static int __init enter(void)
{
	async_schedule(run, NULL);
	async_synchronize_full();
	return has_run();
}
module_init(enter);
