/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shared library that few runs need, loaded where one does. */
#include "kcore/library.h"

#include <dlfcn.h>
#include <errno.h>

int library_load(const char *file, const struct library_function *functions, size_t nr,
		 void *ret)
{
#ifdef KWCHECK_STATIC
	(void)file;
	for (size_t i = 0; i < nr; i++)
		*(void **)((char *)ret + functions[i].offset) = functions[i].linked;
	return 0;
#else
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return -ENOENT;
	for (size_t i = 0; i < nr; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return -ENOSYS;
		/* POSIX: a function's address fits into a void *. */
		*(void **)((char *)ret + functions[i].offset) = function;
	}
	return 0;
#endif
}
