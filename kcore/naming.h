/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kernel's names come from. */
#ifndef KWCHECK_KCORE_NAMING_H
#define KWCHECK_KCORE_NAMING_H

#include "kcore/kernel.h"

struct naming {
	struct symbols symbols;
	bool has_symbols;
	const char *from;   /* "memory", "kallsyms" or "vmlinux" */
	struct error error; /* why there are none */
};

/* naming_read - the kernel's symbols, and where they are from
 *
 * From the kernel's memory where it says where they lie (6.0 and newer), which is many
 * times faster than the text file and not blanked by kptr_restrict=2; else from the text,
 * which a capture has in a note. Needs the core, VMCOREINFO and where the image lies.
 * Where the kernel has none, or those of functions only, they are the ones of the vmlinux
 * that the user gave for its types. What needs page tables and types, the symbols of
 * modules, is read when it is asked for: @kernel must not move until then. Returns 0,
 * with or without symbols; or -errno with @err filled: the user's file does not fit.
 */
int naming_read(struct kernel *kernel, const struct source *source, struct naming *ret,
		struct error *err);

#endif
