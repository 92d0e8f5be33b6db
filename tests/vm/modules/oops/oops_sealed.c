/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes to an __ro_after_init variable of its own when its parameter is written, which
 * is after its init function.
 */
#include "oops.h"

static unsigned long oops_sealed_value __ro_after_init = 1;

noinline static int oops_sealed(const char *text, const struct kernel_param *param)
{
	oops_store(&oops_sealed_value, 2);
	return 0;
}

static const struct kernel_param_ops ops = {.set = oops_sealed};
module_param_cb(trigger, &ops, NULL, 0200);

static int start(void)
{
	oops_store(&oops_sealed_value, 3);
	return 0;
}

module_init(start);
