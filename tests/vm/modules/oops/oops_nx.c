/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls data. */
#include "oops.h"

static unsigned char oops_nx_data[64] __aligned(64) = {0x31, 0xc0, 0xc3}; /* return 0 */

noinline static int oops_nx(void)
{
	int (*call)(void) = (void *)oops_nx_data;

	OPTIMIZER_HIDE_VAR(call);
	return call();
}

module_init(oops_nx);
