/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source lines of a place in a module's code, from the DWARF in its file. */
#ifndef KWCHECK_OOPS_SOURCELINE_H
#define KWCHECK_OOPS_SOURCELINE_H

#include "oops/modfile.h"

/* sourceline_find - the functions that are inlined at a place, the innermost first
 * @fd: a relocatable ELF file, borrowed.
 * @offset: of the place in @section.
 * Returns how many were written, at most @room; 0 where the file has no DWARF for it.
 */
size_t sourceline_find(int fd, const char *function, const char *section, uint64_t offset,
		       struct modfile_frame *ret, size_t room);

#endif
