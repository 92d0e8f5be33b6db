/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF file that a kernel was linked as, its vmlinux. */
#ifndef KWCHECK_KCORE_KERNELFILE_H
#define KWCHECK_KCORE_KERNELFILE_H

#include "kcore/error.h"
#include "kcore/listing.h"
#include "kcore/vmcoreinfo.h"

#include <libelf.h>
#include <stddef.h>

/* The build id among a section's @notes, which may be NULL. Returns its bytes; 0: there
 * is none of at most @room.
 */
size_t kernelfile_build_id(Elf_Data *notes, unsigned char *ret, size_t room);

/* kernelfile_check_build - is the build id of @fd the one that @info tells?
 * Returns 0, also where one of them has none or it is no ELF file; -EINVAL with @err
 * filled.
 */
int kernelfile_check_build(int fd, const struct vmcoreinfo *info, const char *path,
			   struct error *err);

/* kernelfile_symbols - the symbols of the vmlinux @fd, where @info's kernel has them
 *
 * In kallsyms' order (scripts/kallsyms.c), without what kallsyms leaves out; all are the
 * kernel's own. Proved to be of the very build: kernelfile_check_build(), and it has the
 * symbols of which @info tells the addresses, all moved by the same distance. Returns 0;
 * -ENOENT: no ELF file of an x86-64 kernel, or it has no symbols; else -errno with @err
 * filled.
 */
int kernelfile_symbols(struct listing *ret, int fd, const struct vmcoreinfo *info,
		       const char *path, struct error *err);

#endif
