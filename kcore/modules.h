/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loaded modules, from the kernel's memory. */
#ifndef KWCHECK_KCORE_MODULES_H
#define KWCHECK_KCORE_MODULES_H

#include "kcore/kernel.h"

/* modules_may_have - does a loaded module have a symbol named @name?
 *
 * Reads the symbol tables that the module loader keeps (struct mod_kallsyms, 4.5 and
 * newer; offsets from BTF). true also where it cannot be known: the caller looks further
 * then.
 */
bool modules_may_have(struct kernel *kernel, const char *name);

#endif
