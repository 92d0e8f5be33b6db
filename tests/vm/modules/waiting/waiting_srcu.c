/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/srcu.h>

#include "waiting.h"

DEFINE_STATIC_SRCU(readers);
static struct rcu_head head;

static void run(struct rcu_head *of)
{
	value++;
}

static int __init enter(void)
{
	call_srcu(&readers, &head, run);
	srcu_barrier(&readers);
	return has_run();
}
module_init(enter);
