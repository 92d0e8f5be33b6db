/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules that dry runs ask for while they run. */
#include "cmd/requested.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/array.h"

static const size_t MAX_KEPT_BYTES = 24 * 1024 * 1024;

struct requested_file {
	struct kofile file;
	struct addrspace_needed *module; /* NULL: it cannot be read */
};

/* What a step points to. */
struct words {
	char options[CLERK_OPTIONS_BYTES];
	char name[NAME_MAX + 1];
};

struct requested_plan {
	char name[CLERK_NAME_BYTES];
	bool is_known;
	struct request_plan plan;
	struct request_step *steps;
	struct words **words; /* of each step */
	size_t room, words_room;
};

static void free_plan(struct requested_plan *plan)
{
	for (size_t i = 0; i < plan->plan.nr; i++)
		free(plan->words[i]);
	free(plan->steps);
	free(plan->words);
	free(plan);
}

static void free_file(struct requested_file *file)
{
	addrspace_needed_close(file->module);
	kofile_forget(&file->file);
	kofile_close(&file->file);
	free(file);
}

static void forget_plans(struct requested *requested)
{
	for (size_t i = 0; i < requested->nr_plans; i++)
		free_plan(requested->plans[i]);
	requested->nr_plans = 0;
}

static void forget_files(struct requested *requested)
{
	for (size_t i = 0; i < requested->nr_files; i++)
		free_file(requested->files[i]);
	requested->nr_files = requested->kept_bytes = 0;
}

void requested_close(struct requested *requested)
{
	forget_plans(requested);
	forget_files(requested);
	free(requested->plans);
	free(requested->files);
}

void requested_begin(struct requested *requested, struct addrspace *space, size_t entry)
{
	forget_plans(requested);
	if (requested->kept_bytes > MAX_KEPT_BYTES)
		forget_files(requested);
	requested->space = space;
	requested->entry = entry;
}

static struct requested_file *find_file(const struct requested *requested,
					const char *path)
{
	for (size_t i = 0; i < requested->nr_files; i++)
		if (strcmp(requested->files[i]->file.path, path) == 0)
			return requested->files[i];
	return NULL;
}

/* What cannot be read does not load. -ENOMEM alone is an error. */
static int add_file(struct requested *requested, const char *path, int *fd,
		    struct requested_file **ret)
{
	struct requested_file *file = calloc(1, sizeof(*file));
	struct error ignored = {0};

	if (!file || array_reserve(&requested->files, requested->nr_files,
				   &requested->files_room, sizeof(file)) < 0) {
		free(file);
		return -ENOMEM;
	}
	file->file.path = strdup(path);
	file->file.fd = *fd;
	*fd = -1;
	if (!file->file.path) {
		free_file(file);
		return -ENOMEM;
	}
	if (file->file.fd < 0 || kofile_take(&file->file, &ignored) < 0 ||
	    kofile_read(&file->file, &ignored) < 0 ||
	    kofile_parse(&file->file, &ignored) < 0 ||
	    addrspace_need(requested->space, &file->file, &file->module) < 0)
		file->module = NULL;
	if (file->file.fd >= 0)
		close(file->file.fd);
	file->file.fd = -1;
	requested->kept_bytes += file->file.size_bytes;
	requested->files[requested->nr_files++] = file;
	*ret = file;
	return 0;
}

static const enum request_kind kinds[] = {
	[CLERK_FILE] = REQUEST_LOAD,
	[CLERK_SUCCEED] = REQUEST_SUCCEED,
	[CLERK_FAIL] = REQUEST_FAIL,
	[CLERK_COMMAND] = REQUEST_COMMAND,
};

static int add_step(struct requested *requested, struct requested_plan *plan,
		    const struct clerk_step *told, int *fd)
{
	struct request_step step = {.kind = kinds[told->kind],
				    .is_optional = told->is_optional,
				    .group = told->group};
	struct requested_file *file = NULL;
	struct words *words = calloc(1, sizeof(*words));
	size_t nr = plan->plan.nr;

	if (!words || array_reserve(&plan->steps, nr, &plan->room, sizeof(step)) < 0 ||
	    array_reserve(&plan->words, nr, &plan->words_room, sizeof(words)) < 0) {
		free(words);
		return -ENOMEM;
	}
	memcpy(words->options, told->options, sizeof(words->options));
	memcpy(words->name, told->name, sizeof(words->name));
	plan->words[nr] = words;
	step.name = words->name;
	step.options = words->options;
	if (step.kind == REQUEST_LOAD) {
		file = find_file(requested, told->path);
		if (!file && add_file(requested, told->path, fd, &file) < 0) {
			free(words);
			return -ENOMEM;
		}
		step.module = file->module;
		if (!step.module)
			step.kind = REQUEST_FAIL;
	}
	plan->steps[plan->plan.nr++] = step;
	return 0;
}

/* What a step says comes from a process that parsed names only, and is checked all the
 * same.
 */
static bool is_sound(const struct clerk_step *step)
{
	return step->kind >= CLERK_END && step->kind <= CLERK_COMMAND &&
	       memchr(step->name, '\0', sizeof(step->name)) &&
	       memchr(step->path, '\0', sizeof(step->path)) &&
	       memchr(step->options, '\0', sizeof(step->options));
}

/* Hears the whole answer. false: there is none. */
static bool hear(struct requested *requested, struct requested_plan *plan)
{
	struct clerk_step step;
	int fd, r;

	for (;;) {
		if (clerk_hear(requested->clerk, requested->worker, &step, &fd) < 0)
			return false;
		r = !is_sound(&step)		? -EINVAL
		    : step.kind > CLERK_UNKNOWN ? add_step(requested, plan, &step, &fd)
						: 0;
		if (fd >= 0)
			close(fd);
		if (r < 0 || step.kind == CLERK_UNKNOWN)
			return false;
		if (step.kind == CLERK_END)
			break;
	}
	plan->plan.steps = plan->steps;
	plan->plan.nr_groups = step.nr_groups;
	return true;
}

const struct request_plan *requested_plan(void *ctx, const char *name)
{
	struct requested *requested = ctx;
	struct requested_plan *plan;

	for (size_t i = 0; i < requested->nr_plans; i++)
		if (strcmp(requested->plans[i]->name, name) == 0)
			return requested->plans[i]->is_known ? &requested->plans[i]->plan
							     : NULL;
	plan = calloc(1, sizeof(*plan));
	if (!plan || array_reserve(&requested->plans, requested->nr_plans,
				   &requested->plans_room, sizeof(plan)) < 0) {
		free(plan);
		return NULL;
	}
	snprintf(plan->name, sizeof(plan->name), "%s", name);
	requested->plans[requested->nr_plans++] = plan;
	plan->is_known = clerk_ask(requested->clerk, requested->worker, requested->entry,
				   name) == 0 &&
			 hear(requested, plan);
	return plan->is_known ? &plan->plan : NULL;
}
