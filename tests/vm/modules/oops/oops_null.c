/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows a NULL pointer to a member. */
#include "oops.h"

struct thing {
	unsigned long a, b, c;
};

noinline static int oops_null(void)
{
	struct thing *thing = NULL;

	OPTIMIZER_HIDE_VAR(thing);
	oops_store(&thing->c, 1);
	return -EALREADY;
}

module_init(oops_null);
