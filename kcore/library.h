/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shared library that few runs need, loaded where one does. */
#ifndef KWCHECK_KCORE_LIBRARY_H
#define KWCHECK_KCORE_LIBRARY_H

#include <stddef.h>

/* A function of it, and where its address goes. */
struct library_function {
	const char *name;
	size_t offset;
	void *linked; /* in a static program, which loads nothing: the function itself */
};

/* library_load - the library @file, and its functions to @ret at their offsets
 * To be called while files can be opened. Returns 0; -ENOENT: it cannot be loaded;
 * -ENOSYS: it lacks one of them.
 */
int library_load(const char *file, const struct library_function *functions, size_t nr,
		 void *ret);

#endif
