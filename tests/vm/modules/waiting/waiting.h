/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module whose init waits for something that it has done later, and then returns 0
 * where that has been done, else -EIO.
 */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int value;

static int has_run(void)
{
	return READ_ONCE(value) == 1 ? 0 : -EIO;
}

static void __exit leave(void)
{
}
module_exit(leave);
MODULE_LICENSE("GPL");
