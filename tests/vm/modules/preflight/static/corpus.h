/* SPDX-License-Identifier: GPL-2.0-only */
/* What the modules of the corpus share. */
#ifndef CORPUS_H
#define CORPUS_H

#include <linux/atomic.h>
#include <linux/crc32.h>
#include <linux/fs.h>
#if __has_include(<linux/hex.h>)
#include <linux/hex.h>
#endif
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/lsm_hooks.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/stop_machine.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uuid.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

static __maybe_unused unsigned long (*corpus_lookup)(const char *name);

/* kallsyms_lookup_name() is not exported since 5.7: by a kprobe on it. */
static __maybe_unused noinline int corpus_find_lookup(void)
{
	static struct kprobe probe = {.symbol_name = "kallsyms_lookup_name"};
	int r = register_kprobe(&probe);

	if (r < 0)
		return r;
	corpus_lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

#endif
