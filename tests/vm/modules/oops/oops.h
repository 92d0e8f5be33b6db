/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test modules that crash on purpose share. */
#ifndef KWCHECK_TESTS_OOPS_H
#define KWCHECK_TESTS_OOPS_H

#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/version.h>

/* kallsyms_lookup_name() is not exported since 5.7; a kprobe's address is looked up. */
static inline void *oops_lookup(const char *name)
{
	struct kprobe probe = {.symbol_name = "kallsyms_lookup_name"};
	unsigned long (*lookup)(const char *name);

	if (register_kprobe(&probe) < 0)
		return NULL;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return (void *)lookup(name);
}

/* A store that the compiler neither drops nor moves. */
static inline void oops_store(void *to, unsigned long value)
{
	*(volatile unsigned long *)to = value;
}

MODULE_LICENSE("GPL");
#ifdef MODULE_DESCRIPTION
MODULE_DESCRIPTION("kwcheck test module: crashes on purpose");
#endif

#endif
