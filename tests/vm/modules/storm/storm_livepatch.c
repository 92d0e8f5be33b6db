// SPDX-License-Identifier: GPL-2.0-or-later
/* A livepatch of a function that nobody's security rests on. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static int show_cmdline(struct seq_file *file, void *unused)
{
	seq_puts(file, "patched\n");
	return 0;
}

static struct klp_func funcs[] = {
	{.old_name = "cmdline_proc_show", .new_func = show_cmdline},
	{},
};

static struct klp_object objects[] = {
	{.funcs = funcs},
	{},
};

static struct klp_patch patch = {.mod = THIS_MODULE, .objs = objects};

static int __init storm_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit storm_exit(void)
{
}

module_init(storm_init);
module_exit(storm_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
