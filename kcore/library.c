/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shared library that few runs need, loaded where one does. */
#include "kcore/library.h"

#include <dlfcn.h>

bool library_load(const char *file, const struct library_function *functions, size_t nr,
		  void *ret)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	for (size_t i = 0; i < nr; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return false;
		/* POSIX: a function's address fits into a void *. */
		*(void **)((char *)ret + functions[i].offset) = function;
	}
	return true;
}
