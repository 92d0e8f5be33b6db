/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of a kernel that has none, from a file of its maker's. */
#ifndef KWCHECK_KCORE_TYPEFILE_H
#define KWCHECK_KCORE_TYPEFILE_H

#include "kcore/error.h"
#include "kcore/kernel.h"

/* typefile_read - BTF as it is, or the .BTF section of an ELF file (pahole -J, vmlinux),
 * or the DWARF of one that has no such section
 * @fd, @path: the file. Returns 0, or -errno with @err filled.
 */
int typefile_read(struct types *ret, int fd, const char *path, struct error *err);

/* typefile_prove - are @types the types of @kernel?
 * The kernel's VMCOREINFO tells sizes and offsets of its own, and init_task has a name:
 * what of it @types know has to be the same, and something has to be known. @kernel: its
 * symbols and memory, not its types. Returns 0, or -EINVAL with @err filled.
 */
int typefile_prove(struct kernel *kernel, const struct types *types, const char *path,
		   struct error *err);

#endif
