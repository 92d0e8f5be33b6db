/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loaded modules' symbols, from the kernel's memory. */
#ifndef KWCHECK_KCORE_MODULES_H
#define KWCHECK_KCORE_MODULES_H

#include "kcore/kernel.h"

/* modules_symbols - appends the symbols of every loaded module, as /proc/kallsyms lists
 * them
 *
 * From the tables that the module loader keeps (struct mod_kallsyms with its letters, 5.2
 * and newer; offsets from BTF). Names go to @names. Returns 0; -ENOENT: no such types or
 * no list; -EAGAIN: modules came or went meanwhile; -EFAULT, -ELOOP: the tables do not
 * make sense; -ENOMEM. Where it fails, @ret and @names hold what was read so far.
 */
int modules_symbols(struct kernel *kernel, struct symbol_array *ret,
		    struct strings *names);

#endif
