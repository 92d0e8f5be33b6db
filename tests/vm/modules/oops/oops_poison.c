/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the pointer that list_del() leaves behind. */
#include "oops.h"

#include <linux/list.h>

noinline static int oops_poison(void)
{
	struct list_head *next = LIST_POISON1;

	OPTIMIZER_HIDE_VAR(next);
	oops_store(&next->prev, 1);
	return -EALREADY;
}

module_init(oops_poison);
