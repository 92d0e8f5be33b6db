// SPDX-License-Identifier: GPL-2.0-or-later
/* Comes and goes; test-loader.sh alters its file. */
#include <linux/module.h>

static int __init loader_init(void)
{
	return 0;
}

static void __exit loader_exit(void)
{
}

module_init(loader_init);
module_exit(loader_exit);
MODULE_DESCRIPTION("kwcheck test module");
MODULE_LICENSE("GPL");
