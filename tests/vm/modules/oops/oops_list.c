/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deletes an entry twice. */
#include "oops.h"

#include <linux/list.h>

static LIST_HEAD(oops_head);
static struct list_head entry;

noinline static int oops_list(void)
{
	list_add(&entry, &oops_head);
	list_del(&entry);
	list_del(&entry);
	return -EALREADY;
}

module_init(oops_list);
