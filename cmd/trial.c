/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --trial: each module is loaded and unloaded in a virtual machine of its own. */
#include "cmd/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/clerk.h"
#include "cmd/pool.h"
#include "cmd/priv.h"
#include "guest/trial.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "module/parameters.h"

enum {
	MAX_BOOTS = 5, /* each may come on names that the one before did not */
	SECONDS = 120,
};

/* A module's file, unpacked. */
struct blob {
	char name[TRIAL_NAME_BYTES]; /* of the module, as its file says */
	char *bytes;		     /* owned */
	size_t nr;
};

struct step {
	enum clerk_kind kind;
	bool is_optional;
	unsigned group;
	char *parameters; /* owned */
	struct kofile file;
	struct blob blob;
};

/* What modprobe does for a name. */
struct query {
	char name[CLERK_NAME_BYTES];
	struct step *steps; /* nr_steps, owned */
	size_t nr_steps, steps_room;
	unsigned nr_groups;
};

struct making {
	const struct options *options;
	struct lookup *names;
	const struct kofile *files;
	size_t number;
	struct trial *trial;
	struct blob *blobs; /* of what it needs, then its own; nr_blobs */
	size_t nr_blobs;
	struct query queries[TRIAL_MAX_ASKED];
	size_t nr_queries;
	struct clerk clerk;
};

/* --- files unpacked, and the console read, without privileges --- */

struct chore {
	const struct options *options;
	const struct kofile *file;
	struct blob *blob;
	const struct trial *trial;
	struct trial_outcome *outcome;
	bool has_dropped;
	struct error *err;
	int r;
};

static void start(void *ctx, unsigned worker)
{
	struct chore *chore = ctx;
	struct error ignored = {0};

	(void)worker;
	chore->has_dropped = priv_drop(0, !chore->options->no_sandbox, &ignored) == 0;
}

static int unpack(void *ctx, size_t i, FILE *out)
{
	struct chore *chore = ctx;
	struct kofile file = *chore->file;
	char name[TRIAL_NAME_BYTES] = "";
	struct error err = {0};

	(void)i;
	file.raw = file.bytes = NULL;
	file.sections = NULL;
	file.symbols = NULL;
	if (!chore->has_dropped)
		return ERROR_PRIVILEGES;
	if (kofile_read(&file, &err) < 0 || kofile_parse(&file, &err) < 0) {
		fputs(err.message, out);
		return err.code ? (int)err.code : ERROR_FILE;
	}
	snprintf(name, sizeof(name), "%s", file.module_name);
	fwrite(name, 1, sizeof(name), out);
	fwrite(file.bytes, 1, file.size_bytes, out);
	return ERROR_NONE;
}

static void take_blob(void *ctx, size_t i, enum pool_end end, int status,
		      const char *bytes, size_t nr_bytes)
{
	struct chore *chore = ctx;
	struct blob *blob = chore->blob;

	(void)i;
	if (end != POOL_DONE || status != ERROR_NONE || nr_bytes < sizeof(blob->name)) {
		chore->r = error_set(
			chore->err, ERROR_FILE, -EINVAL, "%.200s: %.*s",
			chore->file->path, (int)(nr_bytes < 250 ? nr_bytes : 250),
			end == POOL_DONE && nr_bytes ? bytes : "cannot be read");
		return;
	}
	memcpy(blob->name, bytes, sizeof(blob->name));
	blob->name[sizeof(blob->name) - 1] = '\0';
	blob->nr = nr_bytes - sizeof(blob->name);
	blob->bytes = malloc(blob->nr + 1);
	if (blob->bytes)
		memcpy(blob->bytes, bytes + sizeof(blob->name), blob->nr);
	else
		chore->r = -ENOMEM;
}

static int look(void *ctx, size_t i, FILE *out)
{
	struct chore *chore = ctx;
	struct trial_outcome outcome;

	(void)i;
	if (!chore->has_dropped)
		return ERROR_PRIVILEGES;
	trial_read(&outcome, chore->trial->console, chore->trial->has_ended);
	fwrite(&outcome, sizeof(outcome), 1, out);
	return ERROR_NONE;
}

/* Names come from the guest: what is no string is none. */
static void take_outcome(void *ctx, size_t i, enum pool_end end, int status,
			 const char *bytes, size_t nr_bytes)
{
	struct chore *chore = ctx;
	struct trial_outcome *outcome = chore->outcome;

	(void)i;
	if (end != POOL_DONE || status != ERROR_NONE || nr_bytes != sizeof(*outcome)) {
		chore->r = -EIO;
		return;
	}
	memcpy(outcome, bytes, sizeof(*outcome));
	if (outcome->nr_asked > TRIAL_MAX_ASKED)
		outcome->nr_asked = 0;
	for (size_t k = 0; k < outcome->nr_asked; k++)
		outcome->asked[k][sizeof(outcome->asked[k]) - 1] = '\0';
}

static int run(struct chore *chore, int (*job)(void *ctx, size_t i, FILE *out),
	       void (*done)(void *ctx, size_t i, enum pool_end end, int status,
			    const char *bytes, size_t nr_bytes))
{
	const struct pool pool = {.nr_jobs = 1,
				  .nr_workers = 1,
				  .allowed_ms = SECONDS * 1000,
				  .start = start,
				  .job = job,
				  .done = done,
				  .ctx = chore};
	int r = pool_run(&pool);

	return r < 0 ? r : chore->r;
}

static int unpack_file(const struct making *making, const struct kofile *file,
		       struct blob *ret)
{
	struct chore chore = {.options = making->options,
			      .file = file,
			      .blob = ret,
			      .err = &making->trial->error};

	return run(&chore, unpack, take_blob);
}

/* --- modprobe --- */

static int hear_steps(struct making *making, struct query *query)
{
	struct clerk_step step;
	int fd, r = clerk_ask(&making->clerk, 0, making->number, query->name);

	for (; r == 0; r = 0) {
		struct step *mine;

		r = clerk_hear(&making->clerk, 0, &step, &fd);
		if (r < 0 || step.kind == CLERK_END || step.kind == CLERK_UNKNOWN)
			break;
		if (array_reserve(&query->steps, query->nr_steps, &query->steps_room,
				  sizeof(*query->steps)) < 0) {
			if (fd >= 0)
				close(fd);
			return -ENOMEM;
		}
		mine = &query->steps[query->nr_steps++];
		*mine = (struct step){.kind = step.kind,
				      .is_optional = step.is_optional,
				      .group = step.group,
				      .parameters = strdup(step.options),
				      .file = {.fd = fd, .path = strdup(step.path)}};
		if (!mine->parameters || !mine->file.path)
			return -ENOMEM;
		if (step.kind == CLERK_COMMAND)
			snprintf(making->trial->unlike, sizeof(making->trial->unlike),
				 "modprobe would run a command for %.60s, which is not "
				 "run",
				 query->name);
	}
	if (r == 0 && step.kind == CLERK_UNKNOWN)
		snprintf(making->trial->unlike, sizeof(making->trial->unlike),
			 "the kernel asked for %.60s, and no tree of modules is there "
			 "to be asked what that is; --moddir names one",
			 query->name);
	query->nr_groups = r == 0 && step.kind == CLERK_END ? step.nr_groups : 0;
	return r;
}

static int answer_query(struct making *making, const char *name)
{
	struct query *query = &making->queries[making->nr_queries];
	int r;

	*query = (struct query){0};
	snprintf(query->name, sizeof(query->name), "%s", name);
	making->nr_queries++;
	r = hear_steps(making, query);
	for (size_t i = 0; i < query->nr_steps && r == 0; i++) {
		struct step *step = &query->steps[i];

		if (step->kind != CLERK_FILE)
			continue;
		if (step->file.fd < 0 ||
		    kofile_take(&step->file, &making->trial->error) < 0 ||
		    unpack_file(making, &step->file, &step->blob) < 0) {
			making->trial->error = (struct error){0};
			step->kind = CLERK_FAIL;
		}
	}
	return r;
}

/* Returns how many names were new and load something, or -errno. */
static int answer_queries(struct making *making, const struct trial_outcome *outcome)
{
	int nr_new = 0, r = 0;

	for (size_t i = 0; i < outcome->nr_asked && r == 0; i++) {
		const char *name = outcome->asked[i];
		size_t k;

		for (k = 0; k < making->nr_queries; k++)
			if (strcmp(making->queries[k].name, name) == 0)
				break;
		if (k < making->nr_queries || making->nr_queries == TRIAL_MAX_ASKED)
			continue;
		r = answer_query(making, name);
		nr_new += making->queries[k].nr_groups > 0;
	}
	return r < 0 ? r : nr_new;
}

static int plan_query(struct trial_plan *plan, const struct query *query)
{
	size_t i = 0;
	int r = trial_ask(plan, query->name);

	for (unsigned group = 0; group < query->nr_groups && r == 0; group++) {
		r = trial_group(plan);
		for (; i < query->nr_steps && query->steps[i].group == group && r == 0;
		     i++) {
			const struct step *step = &query->steps[i];

			if (step->kind == CLERK_FILE)
				r = trial_add(plan,
					      step->is_optional ? TRIAL_SOFT : TRIAL_NEED,
					      step->blob.name, step->blob.bytes,
					      step->blob.nr, step->parameters);
			else if (step->kind != CLERK_SUCCEED && !step->is_optional)
				r = trial_fail(plan);
		}
	}
	return r;
}

/* --- one module --- */

/* What it needs in order, and itself. What cannot be read is not loaded, and is told of
 * the module that needs it.
 */
static int unpack_all(struct making *making)
{
	const struct needs *needs = &making->names->array[making->number].needs;
	int r = 0;

	making->blobs = calloc(needs->nr + 1, sizeof(*making->blobs));
	if (!making->blobs)
		return -ENOMEM;
	making->nr_blobs = needs->nr + 1;
	for (size_t i = 0; i < needs->nr; i++) {
		const struct kofile *file = &making->files[needs->array[i].number];

		if (file->fd >= 0 && unpack_file(making, file, &making->blobs[i]) < 0)
			making->trial->error = (struct error){0};
	}
	if (making->files[making->number].fd < 0)
		return error_set(&making->trial->error, ERROR_FILE, -ENOENT,
				 "the file cannot be opened");
	r = unpack_file(making, &making->files[making->number],
			&making->blobs[needs->nr]);
	return r;
}

static int plan_all(const struct making *making, struct trial_plan *plan)
{
	const struct lookup_entry *entry = &making->names->array[making->number];
	_cleanup_free_ char *parameters = parameters_join(
		(const char *const *)entry->words, entry->nr_words);
	int r = parameters ? 0 : -ENOMEM;

	for (size_t i = 0; i < making->nr_blobs && r == 0; i++) {
		const struct blob *blob = &making->blobs[i];
		bool is_last = i + 1 == making->nr_blobs;

		if (blob->bytes)
			r = trial_add(plan,
				      is_last				  ? TRIAL_LOAD
				      : entry->needs.array[i].is_optional ? TRIAL_SOFT
									  : TRIAL_NEED,
				      blob->name, blob->bytes, blob->nr,
				      is_last ? parameters : "");
	}
	for (size_t i = 0; i < making->nr_queries && r == 0; i++)
		r = plan_query(plan, &making->queries[i]);
	if (r == 0)
		r = trial_end(plan);
	if (r == -EINVAL)
		error_set(&making->trial->error, ERROR_FILE, r,
			  "the module's name or its parameters cannot be handed to the "
			  "virtual machine");
	return r;
}

static int boot(struct making *making, struct trial_outcome *outcome)
{
	const struct options *options = making->options;
	struct vm_wish wish = *options->kernel_wish;
	struct trial *trial = making->trial;
	struct trial_plan plan = {0};
	struct chore chore = {.options = options, .trial = trial, .outcome = outcome};
	struct vm vm;
	int r = plan_all(making, &plan);

	wish.files = plan.files;
	wish.nr_files = plan.nr_files;
	wish.has_modprobe = !options->no_modprobe;
	if (r == 0)
		r = vm_boot(&vm, &wish, options->kernel_qemu, &trial->error);
	/* This kernel did boot for the look: a busy host may have been too slow. */
	if (r < 0 && trial->error.code == ERROR_NO_BOOT) {
		trial->error = (struct error){0};
		r = vm_boot(&vm, &wish, options->kernel_qemu, &trial->error);
	}
	trial_free(&plan);
	if (r < 0)
		return r;
	free(trial->console);
	trial->console = TAKE_PTR(vm.console);
	trial->has_ended = vm.has_ended;
	vm_close(&vm);
	return run(&chore, look, take_outcome);
}

static int make(struct making *making)
{
	struct trial_outcome outcome;
	int nr_new = 1, r = unpack_all(making);

	for (int i = 0; i < MAX_BOOTS && nr_new > 0 && r == 0; i++) {
		r = boot(making, &outcome);
		if (r < 0)
			break;
		if (!making->clerk.pid && outcome.nr_asked)
			r = clerk_start(&making->clerk, 1, making->names,
					!making->options->no_sandbox, true);
		nr_new = r == 0 && outcome.nr_asked ? answer_queries(making, &outcome)
						    : 0;
		r = nr_new < 0 ? nr_new : r;
	}
	if (r == 0 && nr_new > 0)
		snprintf(making->trial->unlike, sizeof(making->trial->unlike),
			 "the kernel asks for ever more modules");
	return r;
}

static void free_query(struct query *query)
{
	for (size_t i = 0; i < query->nr_steps; i++) {
		free(query->steps[i].parameters);
		free(query->steps[i].blob.bytes);
		kofile_close(&query->steps[i].file);
	}
	free(query->steps);
}

void trial_make(struct trial *ret, const struct options *options, struct lookup *names,
		const struct kofile *files, size_t number)
{
	struct making making = {.options = options,
				.names = names,
				.files = files,
				.number = number,
				.trial = ret};
	int r;

	*ret = (struct trial){0};
	r = make(&making);
	if (r < 0) {
		error_set(&ret->error, ERROR_INTERNAL, r, "%s", strerror(-r));
		free(ret->console);
		ret->console = NULL;
	}
	clerk_stop(&making.clerk);
	for (size_t i = 0; i < making.nr_queries; i++)
		free_query(&making.queries[i]);
	for (size_t i = 0; i < making.nr_blobs; i++)
		free(making.blobs[i].bytes);
	free(making.blobs);
}

void trial_close(struct trial *trial)
{
	free(trial->console);
	trial->console = NULL;
}
