/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types that the DWARF of a vmlinux tells, as BTF: of that just what is asked of
 * types. No debug file is looked for, no server asked.
 */
#ifndef KWCHECK_KCORE_DWARFTYPES_H
#define KWCHECK_KCORE_DWARFTYPES_H

#include "kcore/types.h"

/* dwarftypes_read - structures, unions and functions by name
 * Of several of one name the first is taken, as in BTF. Of what a member is the size is
 * kept alone, and what is inside of an anonymous one; of what a function takes, whether
 * it is a pointer, and to what is const. @fd: of an ELF file that is not compressed;
 * borrowed. Returns 0; -ENOENT: it has no DWARF; -ENOSYS: this kwcheck was built without
 * libdw; -EFBIG, -ENOMEM.
 */
int dwarftypes_read(struct types *ret, int fd);

#endif
