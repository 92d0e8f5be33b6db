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

#include "cmd/pool.h"
#include "cmd/priv.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"

/* "RIP: 0010:function+0x1cd/0x1f0 [module]": the bracket is looked for within so many
 * bytes.
 */
enum { MAX_RIP_LINE = 700 };

/* Reading every log takes no longer. */
enum { MAX_SECONDS = 120 };

/* The process that reads the names, and what it is asked for. */
struct reader {
	const struct options *options;
	struct logfiles *files;
	const struct kernellog *own;
	struct oops_modules *modules; /* in the caller's process */
	bool has_dropped;	      /* in the reader's */
};

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

static void start(void *ctx, unsigned worker)
{
	struct reader *reader = ctx;
	struct error ignored = {0};

	(void)worker;
	reader->has_dropped = priv_drop(0, !reader->options->no_sandbox, &ignored) == 0;
}

/* The names on the RIP lines of @log, a line each. */
static void write_names(const struct kernellog *log, FILE *out)
{
	static const char rip[] = "RIP: ";
	const char *p = log->bytes, *end = p + log->nr_bytes, *found;

	while (p && (found = memmem(p, (size_t)(end - p), rip, strlen(rip)))) {
		size_t left = (size_t)(end - found);
		char name[SITE_MODULE_BYTES];

		p = found + strlen(rip);
		if (name_on_line(found, left < MAX_RIP_LINE ? left : MAX_RIP_LINE, name))
			fprintf(out, "[%s]\n", name);
	}
}

static int read_names(void *ctx, size_t i, FILE *out)
{
	struct reader *reader = ctx;
	struct error ignored = {0};

	(void)i;
	if (!reader->has_dropped)
		return 0;
	write_names(reader->own, out);
	for (size_t j = 0; j < reader->files->nr; j++) {
		struct kernellog log;

		if (logfile_read(&reader->files->array[j], &log, &ignored) < 0)
			continue;
		write_names(&log, out);
		kernellog_free(&log);
	}
	return 0;
}

/* @bytes come from a process that read what others wrote. */
static void take_names(void *ctx, size_t i, enum pool_end end, int status,
		       const char *bytes, size_t nr_bytes)
{
	struct reader *reader = ctx;
	struct oops_modules *modules = reader->modules;
	const char *p = bytes, *stop = bytes + nr_bytes;
	struct kmod_ctx *kmod = end == POOL_DONE ? kmod_new(NULL, NULL) : NULL;

	(void)i, (void)status;
	if (!kmod)
		return;
	/* A module that is loaded from a file that is not installed is no error. */
	kmod_set_log_fn(kmod, ignore_message, NULL);
	while (p < stop && modules->nr < OOPS_MAX_MODULES) {
		const char *newline = memchr(p, '\n', (size_t)(stop - p));
		char name[SITE_MODULE_BYTES];

		if (name_on_line(p, (size_t)(stop - p), name) && !is_known(modules, name))
			add_module(modules, kmod, name);
		p = newline ? newline + 1 : stop;
	}
	kmod_unref(kmod);
}

int oops_modules_open(struct oops_modules *ret, const struct options *options,
		      struct logfiles *files, const struct kernellog *own,
		      struct error *err)
{
	struct reader reader = {
		.options = options, .files = files, .own = own, .modules = ret};
	const struct pool pool = {.nr_jobs = 1,
				  .nr_workers = 1,
				  .allowed_ms = MAX_SECONDS * 1000,
				  .start = start,
				  .job = read_names,
				  .done = take_names,
				  .ctx = &reader};
	int r;

	*ret = (struct oops_modules){0};
	if (options->module) {
		struct explanation_module *module = &ret->array[0];

		module->fd = open(options->module,
				  O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (module->fd < 0)
			return error_set(err, ERROR_FILE, -errno, "%.300s: %m",
					 options->module);
		module->is_given = true;
		snprintf(module->path, sizeof(module->path), "%s", options->module);
		ret->nr = 1;
	}
	r = *options->sysroot == '\0' ? pool_run(&pool) : 0;
	return r == -ENOMEM ? r : 0;
}

void oops_modules_close(struct oops_modules *modules)
{
	for (size_t i = 0; i < modules->nr; i++)
		cleanup_fd(&modules->array[i].fd);
	free(modules->sections);
	*modules = (struct oops_modules){0};
}
