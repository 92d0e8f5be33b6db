/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source lines of a place in an ELF file's code, from the DWARF in that file.
 * No debug file is looked for, no server asked.
 */
#ifndef KWCHECK_KCORE_SOURCELINE_H
#define KWCHECK_KCORE_SOURCELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCELINE_TEXT_BYTES = 192, SOURCELINE_MAX_FRAMES = 8 };

/* One function of an inlined chain, the innermost first. */
struct sourceline {
	char function[SOURCELINE_TEXT_BYTES];
	char file[SOURCELINE_TEXT_BYTES]; /* "": not known */
	int line;			  /* 0: not known */
};

struct sourcelines;

/* Was this kwcheck built with libdw? Else no file has any. */
bool sourcelines_are_built_in(void);

/* sourcelines_open, sourcelines_open_bytes - a file's line tables
 * @fd: of an ELF file that is not compressed; borrowed, needed for this call only.
 * @bytes: @size_bytes of such a file; borrowed until sourcelines_close(). libdw relocates
 * debug sections in place: they must be a copy that nothing else relies on.
 * Returns NULL where there are none, or no memory.
 */
struct sourcelines *sourcelines_open(int fd);
struct sourcelines *sourcelines_open_bytes(unsigned char *bytes, size_t size_bytes);
void sourcelines_close(struct sourcelines *lines);

/* sourcelines_find - the functions that are inlined at a place, the innermost first
 * @lines: NULL gives none.
 * @function: named where the file tells a line and no function.
 * @section: its number in the file; @offset: of the place in it.
 * Returns how many were written, at most @room; 0 where the file has no DWARF for it.
 */
size_t sourcelines_find(struct sourcelines *lines, const char *function, size_t section,
			uint64_t offset, struct sourceline *ret, size_t room);
/* The same in a linked file: @address as the file's symbols have it. */
size_t sourcelines_find_linked(struct sourcelines *lines, const char *function,
			       uint64_t address, struct sourceline *ret, size_t room);

#endif
