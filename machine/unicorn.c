/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unicorn, loaded when it is first wanted. */
#include "machine/unicorn.h"

#ifdef KWCHECK_UNICORN

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>

#define UNICORN_FILE "libunicorn.so.2"

#ifdef KWCHECK_SANITIZED
/* LeakSanitizer asks these: Unicorn 2.1.1 forgets 32 bytes of each machine that it
 * closes. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libunicorn\n";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

static struct unicorn unicorn;
static bool is_loaded;

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define FUNCTION(f)                                                     \
	{                                                               \
		.name = "uc_" #f, .offset = offsetof(struct unicorn, f) \
	}
	FUNCTION(version),	  FUNCTION(open),
	FUNCTION(close),	  FUNCTION(ctl),
	FUNCTION(strerror),	  FUNCTION(emu_start),
	FUNCTION(emu_stop),	  FUNCTION(hook_add),
	FUNCTION(mem_map_ptr),	  FUNCTION(mem_unmap),
	FUNCTION(reg_read),	  FUNCTION(reg_write),
	FUNCTION(reg_read_batch), FUNCTION(reg_write_batch),
#undef FUNCTION
};

const char *unicorn_load(void)
{
	void *library;

	if (is_loaded)
		return NULL;
	library = dlopen(UNICORN_FILE, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return UNICORN_FILE " cannot be loaded (Debian: libunicorn2)";
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return UNICORN_FILE " is not the library that was built with";
		/* POSIX: a function's address fits into a void *. */
		*(void **)((char *)&unicorn + functions[i].offset) = function;
	}
	is_loaded = true;
	return NULL;
}

const struct unicorn *unicorn_get(void)
{
	return is_loaded ? &unicorn : NULL;
}

const char *unicorn_name(void)
{
	static char name[32];
	unsigned version = is_loaded ? unicorn.version(NULL, NULL) : 0;

	/* Its release is in the version's low half only. */
	snprintf(name, sizeof(name), "Unicorn %u.%u.%u", version >> 24 & 0xff,
		 version >> 16 & 0xff, version >> 8 & 0xff);
	return name;
}

#else

const char *unicorn_load(void)
{
	return "kwcheck was built without Unicorn";
}

const char *unicorn_name(void)
{
	return "";
}

#endif
