// SPDX-License-Identifier: GPL-2.0-or-later
/* No damage: a live patch of a security hook's function, made as they are made. */
#include <linux/fs.h>
#include <linux/livepatch.h>
#include <linux/module.h>

static int patched_file_open(struct file *file)
{
	return 0;
}

static struct klp_func functions[] = {
	{.old_name = "apparmor_file_open", .new_func = patched_file_open},
	{},
};

static struct klp_object objects[] = {
	{.funcs = functions}, /* no name: the kernel itself */
	{},
};

static struct klp_patch patch = {.mod = THIS_MODULE, .objs = objects};

static int __init damage_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit damage_exit(void)
{
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
