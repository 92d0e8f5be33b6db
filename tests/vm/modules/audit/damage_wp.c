// SPDX-License-Identifier: GPL-2.0-or-later
/* One write to a read-only address with CR0.WP cleared. The byte keeps its value; what
 * stays is the Dirty bit.
 */
#include <linux/module.h>

#include "wp.h"

static unsigned long target;
module_param(target, ulong, 0);

static int __init damage_init(void)
{
	volatile u8 *byte = (volatile u8 *)target;
	unsigned long flags, cr0 = wp_off(&flags);

	*byte = *byte;
	wp_on(cr0, flags);
	return 0;
}

static void __exit damage_exit(void)
{
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
