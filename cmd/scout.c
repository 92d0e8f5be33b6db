/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks files that others wrote for a few words, before the privileges go. */
#include "cmd/scout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/modlist.h"
#include "cmd/pool.h"
#include "cmd/priv.h"
#include "cmd/session.h"
#include "cmd/shelf.h"
#include "kcore/open.h"
#include "module/chain.h"

/* Expanding a core takes most of it: 8 GiB some 20 s. */
enum { SECONDS = 600 };

struct scout {
	const struct options *options;
	struct lookup *names;
	size_t *loose; /* numbers of names, a job each */
	struct kofile *files;
	struct shelf shelf;
	struct source *core;
	char *release;
	size_t room;
	char **modules; /* NULL: not asked for */
	struct error *err;
	int r;
	/* In a worker: */
	bool has_dropped;
	struct error not_dropped;
};

static void start(void *ctx, unsigned worker)
{
	struct scout *scout = ctx;

	(void)worker;
	scout->has_dropped = priv_drop(0, !scout->options->no_sandbox,
				       &scout->not_dropped) == 0;
}

/* How a job tells that it failed: what it wrote is the message then. */
static int fail(FILE *out, const struct error *err)
{
	fputs(err->message, out);
	return err->code;
}

static int ask_module(void *ctx, size_t i, FILE *out)
{
	struct scout *scout = ctx;
	struct kofile *file = &scout->files[i];
	struct error ignored = {0};

	if (!scout->has_dropped)
		return fail(out, &scout->not_dropped);
	if (file->fd >= 0 && kofile_read(file, &ignored) == 0 &&
	    kofile_parse(file, &ignored) == 0)
		linkage_write(out, file);
	kofile_forget(file);
	return ERROR_NONE;
}

static int put_modules(struct kernel *kernel, FILE *out)
{
	struct modlist list = {0};
	int r = modlist_take(&list, kernel);

	for (size_t i = 0; i < list.nr; i++)
		fprintf(out, "%s\n", list.array[i].name);
	modlist_free(&list);
	return r;
}

static int ask_core(void *ctx, size_t i, FILE *out)
{
	struct scout *scout = ctx;
	struct kernel kernel;
	struct error err = {0};
	int r;

	(void)i;
	if (!scout->has_dropped)
		return fail(out, &scout->not_dropped);
	r = kernel_open(&kernel, scout->core, &err);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s: %s", scout->core->core_path,
			  strerror(-r));
		return fail(out, &err);
	}
	fprintf(out, "%s\n", kernel.release);
	if (scout->modules)
		r = put_modules(&kernel, out);
	kernel_close(&kernel);
	return r == -ENOMEM ? r : ERROR_NONE;
}

/* @status and the message come from a process that had no privileges. */
static void keep_failure(struct scout *scout, int status, const char *bytes,
			 size_t nr_bytes)
{
	if (status < 0 || status >= ERROR_NR_CODES)
		status = ERROR_INTERNAL;
	scout->r = error_set(scout->err, (enum error_code)status, -EINVAL, "%.*s",
			     (int)(nr_bytes < 500 ? nr_bytes : 500), bytes);
}

static int no_room(struct scout *scout, const char *path)
{
	return error_set(scout->err, ERROR_NO_RESOURCES, -ENOMEM,
			 "%.300s: no memory to read it", path);
}

static void take_module(void *ctx, size_t i, enum pool_end end, int status,
			const char *bytes, size_t nr_bytes)
{
	struct scout *scout = ctx;
	struct lookup_entry *entry = &scout->names->array[scout->loose[i]];

	/* One that crashed will do so again when it is looked at, and that is told;
	 * memory may be there then, but what the module needs is not known.
	 */
	if ((end == POOL_NO_ROOM || end == POOL_KILLED) && scout->r == 0)
		scout->r = no_room(scout, entry->path);
	if (end != POOL_DONE || scout->r < 0)
		return;
	if (status != ERROR_NONE)
		keep_failure(scout, status, bytes, nr_bytes);
	else
		scout->r = linkage_read(&entry->linkage, bytes, nr_bytes);
}

/* A release becomes part of a path. */
static bool is_release(const char *bytes, size_t nr_bytes)
{
	return nr_bytes > 0 && *bytes != '.' && !memchr(bytes, '/', nr_bytes) &&
	       !memchr(bytes, '\0', nr_bytes);
}

/* The release in a line, and the modules. */
static void take_words(struct scout *scout, const char *bytes, size_t nr_bytes)
{
	const char *end = memchr(bytes, '\n', nr_bytes);
	size_t nr = end ? (size_t)(end - bytes) : 0;

	if (nr < scout->room && is_release(bytes, nr))
		snprintf(scout->release, scout->room, "%.*s", (int)nr, bytes);
	if (!scout->modules)
		return;
	*scout->modules = strndup(end ? end + 1 : "", end ? nr_bytes - nr - 1 : 0);
	if (!*scout->modules)
		scout->r = -ENOMEM;
}

static void take_core(void *ctx, size_t i, enum pool_end end, int status,
		      const char *bytes, size_t nr_bytes)
{
	struct scout *scout = ctx;
	const char *path = scout->core->core_path;

	(void)i;
	if (end == POOL_CRASHED)
		scout->r = error_set(scout->err, ERROR_INTERNAL, -EFAULT,
				     "%.300s: reading it crashed: a bug of kwcheck",
				     path);
	else if (end == POOL_NO_ROOM || end == POOL_KILLED)
		scout->r = no_room(scout, path);
	else if (end == POOL_TOO_LONG)
		scout->r = error_set(scout->err, ERROR_FILE, -ETIME,
				     "%.300s: not read after %d s", path, SECONDS);
	else if (status != ERROR_NONE)
		keep_failure(scout, status, bytes, nr_bytes);
	else
		take_words(scout, bytes, nr_bytes);
}

static int run(struct scout *scout, struct pool *pool)
{
	int r;

	pool->nr_workers = session_workers();
	pool->allowed_ms = SECONDS * 1000;
	pool->start = start;
	pool->ctx = scout;
	r = pool_run(pool);
	if (r < 0 && r != -ENOMEM)
		return error_set(scout->err, ERROR_NO_PROCESS, r,
				 "no process can be started to read the files: %s",
				 strerror(-r));
	return r < 0 ? r : scout->r;
}

static int open_loose(struct scout *scout, size_t *nr)
{
	struct lookup *names = scout->names;
	struct error failed = {0};
	size_t nr_loose = 0;
	int r;

	scout->loose = calloc(names->nr + 1, sizeof(*scout->loose));
	scout->files = calloc(names->nr + 1, sizeof(*scout->files));
	if (!scout->loose || !scout->files)
		return -ENOMEM;
	for (size_t i = 0; i < names->nr; i++)
		nr_loose += names->array[i].is_loose;
	r = shelf_open(&scout->shelf, nr_loose, scout->err);
	for (size_t i = 0; r == 0 && i < names->nr; i++) {
		if (!names->array[i].is_loose)
			continue;
		scout->files[*nr] = (struct kofile){.fd = -1};
		r = kofile_open(&scout->files[*nr], names->array[i].path, &failed);
		if (error_is_of_machine(r))
			*scout->err = failed;
		else if (r < 0)
			r = 0;
		else
			r = shelf_put(&scout->shelf, &scout->files[*nr], scout->err);
		scout->loose[(*nr)++] = i;
	}
	return r;
}

int scout_needs(const struct options *options, struct lookup *names, struct error *err)
{
	struct scout scout = {
		.options = options, .names = names, .err = err, .shelf.fd = -1};
	struct pool pool = {.job = ask_module, .done = take_module};
	int r = open_loose(&scout, &pool.nr_jobs);

	if (r == 0 && pool.nr_jobs)
		r = run(&scout, &pool);
	for (size_t i = 0; scout.files && i < pool.nr_jobs; i++)
		kofile_close(&scout.files[i]);
	shelf_close(&scout.shelf);
	free(scout.loose);
	free(scout.files);
	return r < 0 ? r : chain_find(names);
}

int scout_release(const struct options *options, struct source *core, char *ret,
		  size_t room, char **modules, struct error *err)
{
	struct scout scout = {.options = options,
			      .core = core,
			      .release = ret,
			      .room = room,
			      .modules = modules,
			      .err = err};
	struct pool pool = {.nr_jobs = 1, .job = ask_core, .done = take_core};
	struct stat st;
	int r;

	*ret = '\0';
	r = run(&scout, &pool);
	if (r == 0 && fstat(core->scratch_fd, &st) == 0)
		core->is_expanded = st.st_size > 0;
	return r;
}
