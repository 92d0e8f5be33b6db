/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols by a pattern of the shell: apparmor_*, kvm:vmx_?xit. */
#ifndef KWCHECK_KCORE_GLOB_H
#define KWCHECK_KCORE_GLOB_H

#include "kcore/symbols.h"

/* Does @word hold what a pattern has and no symbol's name: *, ? or [? */
bool glob_is_pattern(const char *word);

/* glob_each - every symbol whose name matches, in kallsyms' order
 * @name: a pattern of fnmatch(3).
 * @module: a pattern of modules' names, or NULL: any; "" or "vmlinux": the kernel itself.
 */
void glob_each(struct symbols *symbols, const char *name, const char *module,
	       symbols_fn fn, void *ctx);

#endif
