// SPDX-License-Identifier: GPL-2.0-or-later
/* Redirects a function through ftrace, as rootkits and some security products do. */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/version.h>

static char *function = "security_file_open";
module_param(function, charp, 0);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
static void notrace damage_trace(unsigned long ip, unsigned long parent_ip,
				 struct ftrace_ops *ops, struct ftrace_regs *regs)
#else
static void notrace damage_trace(unsigned long ip, unsigned long parent_ip,
				 struct ftrace_ops *ops, struct pt_regs *regs)
#endif
{
}

static struct ftrace_ops ops = {.func = damage_trace, .flags = FTRACE_OPS_FL_SAVE_REGS};

static int __init damage_init(void)
{
	int r = ftrace_set_filter(&ops, function, strlen(function), 1);

	return r ? r : register_ftrace_function(&ops);
}

static void __exit damage_exit(void)
{
	unregister_ftrace_function(&ops);
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
