/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols of code that the kernel made at run time: BPF programs, trampolines of ftrace,
 * pages of kprobes.
 */
#ifndef KWCHECK_KCORE_GENERATED_H
#define KWCHECK_KCORE_GENERATED_H

#include "kcore/kernel.h"

/* generated_symbols - appends them, as /proc/kallsyms lists them after the modules'
 *
 * From the lists that kallsyms goes through (all there since 5.10; offsets from BTF).
 * Their module is "bpf", "__builtin__ftrace" or "__builtin__kprobes". Names go to @names.
 * Returns 0; -ENOENT: no such types or lists; -ENOTSUP: ftrace keeps names of init
 * functions that are gone; -EFAULT, -ELOOP; -ENOMEM.
 */
int generated_symbols(struct kernel *kernel, struct symbol_array *ret,
		      struct strings *names);

#endif
