/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes to a constant of its own, as a cast makes possible. */
#include "oops.h"

static const unsigned long oops_const_value[4] = {1, 2, 3, 4};

noinline static int oops_const(void)
{
	void *value = (void *)&oops_const_value[2];

	OPTIMIZER_HIDE_VAR(value);
	oops_store(value, 5);
	return -EALREADY;
}

module_init(oops_const);
