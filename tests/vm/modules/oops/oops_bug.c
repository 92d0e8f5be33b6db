/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stops itself. */
#include "oops.h"

noinline static int oops_bug(void)
{
	int zero = 0;

	OPTIMIZER_HIDE_VAR(zero);
	BUG_ON(!zero);
	return -EALREADY;
}

module_init(oops_bug);
