/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is on this machine of the modules that a log's crashes name. */
#include "cmd/oops_modules.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"

/* "RIP: 0010:function+0x1cd/0x1f0 [module]": the bracket is looked for within so many
 * bytes.
 */
enum { MAX_RIP_LINE = 700 };

static bool is_known(const struct oops_modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->nr; i++)
		if (strcmp(modules->array[i].name, name) == 0)
			return true;
	return false;
}

/* The name in brackets on the line that starts at @p; false: there is none. */
static bool name_on_line(const char *p, size_t bytes, char ret[SITE_MODULE_BYTES])
{
	const char *end = memchr(p, '\n', bytes), *open;
	size_t nr = 0;

	end = end ? end : p + bytes;
	open = memchr(p, '[', (size_t)(end - p));
	if (!open)
		return false;
	for (const char *c = open + 1; c < end; c++) {
		if (*c == ']' || *c == ' ') {
			ret[nr] = '\0';
			return nr > 0;
		}
		if ((!isalnum((unsigned char)*c) && *c != '_') ||
		    nr + 1 == SITE_MODULE_BYTES)
			return false;
		ret[nr++] = *c;
	}
	return false;
}

static void add_sections(struct oops_modules *modules, struct kmod_module *module)
{
	struct kmod_list *list = kmod_module_get_sections(module), *at;

	kmod_list_foreach(at, list)
	{
		struct hit_section_at *section;

		if (array_reserve(&modules->sections, modules->nr_sections,
				  &modules->sections_room,
				  sizeof(*modules->sections)) < 0)
			break;
		section = &modules->sections[modules->nr_sections++];
		section->address = kmod_module_section_get_address(at);
		snprintf(section->name, sizeof(section->name), "%s",
			 kmod_module_section_get_name(at));
		snprintf(section->module, sizeof(section->module), "%s",
			 kmod_module_get_name(module));
	}
	kmod_module_section_free_list(list);
}

static void add_module(struct oops_modules *modules, struct kmod_ctx *kmod,
		       const char *name)
{
	struct explanation_module *ret = &modules->array[modules->nr++];
	struct kmod_module *module;
	const char *path;

	*ret = (struct explanation_module){.fd = -1};
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	if (kmod_module_new_from_name(kmod, name, &module) < 0)
		return;
	add_sections(modules, module);
	path = kmod_module_get_path(module);
	if (path) {
		snprintf(ret->path, sizeof(ret->path), "%s", path);
		ret->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	kmod_module_unref(module);
}

static void ignore_message(void *data, int priority, const char *file, int line,
			   const char *function, const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)function, (void)format,
		(void)args;
}

static void add_all(struct oops_modules *modules, const char *log, size_t log_bytes)
{
	static const char start[] = "RIP: ";
	const char *p = log, *end = log + log_bytes, *found;
	struct kmod_ctx *kmod = kmod_new(NULL, NULL);

	if (!kmod)
		return;
	/* A module that is loaded from a file that is not installed is no error. */
	kmod_set_log_fn(kmod, ignore_message, NULL);
	while (modules->nr < OOPS_MAX_MODULES &&
	       (found = memmem(p, (size_t)(end - p), start, strlen(start)))) {
		size_t left = (size_t)(end - found);
		char name[SITE_MODULE_BYTES];

		p = found + strlen(start);
		if (name_on_line(found, left < MAX_RIP_LINE ? left : MAX_RIP_LINE,
				 name) &&
		    !is_known(modules, name))
			add_module(modules, kmod, name);
	}
	kmod_unref(kmod);
}

int oops_modules_open(struct oops_modules *ret, const char *log, size_t log_bytes,
		      const char *file, bool is_live, struct error *err)
{
	*ret = (struct oops_modules){0};
	if (file) {
		struct explanation_module *module = &ret->array[0];

		module->fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (module->fd < 0)
			return error_set(err, ERROR_FILE, -errno, "%.300s: %m", file);
		module->is_given = true;
		snprintf(module->path, sizeof(module->path), "%s", file);
		ret->nr = 1;
	}
	if (is_live && log_bytes)
		add_all(ret, log, log_bytes);
	return 0;
}

void oops_modules_close(struct oops_modules *modules)
{
	for (size_t i = 0; i < modules->nr; i++)
		cleanup_fd(&modules->array[i].fd);
	free(modules->sections);
	*modules = (struct oops_modules){0};
}
