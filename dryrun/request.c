/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request_module() in the machine. */
#include "dryrun/request.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dryrun/calltype.h"
#include "dryrun/reason.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "machine/call.h"

/* wait(2): a process that ended with exit(1). */
enum { STATUS_FAILED = 1 << 8 };

struct request_logged {
	char name[REQUEST_NAME_BYTES];
	char *text;
};

/* A line for each step, its fields between tabs. NULL: no memory. */
static char *text_of(const struct request_plan *plan)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);

	if (!out)
		return NULL;
	fprintf(out, "%s %zu\n", plan ? "known" : "unknown", plan ? plan->nr_groups : 0);
	for (size_t i = 0; plan && i < plan->nr; i++) {
		const struct request_step *step = &plan->steps[i];

		fprintf(out, "\t%s\t%d\t%d\t%zu\t%" PRIu64 "\t%s\n", step->name,
			(int)step->kind, step->is_optional, step->group,
			step->module ? step->module->serial : 0, step->options ?: "");
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void log_plan(struct request_log *log, const char *name,
		     const struct request_plan *plan)
{
	struct request_logged *logged;

	for (size_t i = 0; i < log->nr; i++)
		if (strcmp(log->array[i].name, name) == 0)
			return;
	if (array_reserve(&log->array, log->nr, &log->room, sizeof(*log->array)) < 0) {
		log->is_lost = true;
		return;
	}
	logged = &log->array[log->nr];
	logged->text = text_of(plan);
	log->is_lost |= !logged->text || strlen(name) >= sizeof(logged->name);
	if (!logged->text)
		return;
	snprintf(logged->name, sizeof(logged->name), "%s", name);
	log->nr++;
}

/* NULL: nobody knows. */
static const struct request_plan *ask(struct requests *requests, const char *name)
{
	const struct request_modprobe *modprobe = requests->modprobe;
	const struct request_plan *plan = modprobe->plan(modprobe->ctx, name);

	log_plan(&requests->log, name, plan);
	return plan;
}

void requests_close(struct requests *requests)
{
	for (size_t i = 0; i < requests->log.nr; i++)
		free(requests->log.array[i].text);
	free(requests->log.array);
	requests->log = (struct request_log){0};
}

int requests_copy(struct requests *ret, const struct requests *requests)
{
	const struct request_log *log = &requests->log;
	struct requests copy = *requests;

	copy.modprobe = NULL;
	copy.loader = NULL;
	copy.log = (struct request_log){.room = log->nr};
	copy.log.array = calloc(log->nr + 1, sizeof(*log->array));
	if (!copy.log.array || log->is_lost)
		goto fail;
	for (; copy.log.nr < log->nr; copy.log.nr++) {
		struct request_logged *logged = &copy.log.array[copy.log.nr];

		*logged = log->array[copy.log.nr];
		logged->text = strdup(logged->text);
		if (!logged->text)
			goto fail;
	}
	*ret = copy;
	return 0;
fail:
	requests_close(&copy);
	return -ENOMEM;
}

bool requests_names(const struct requests *requests, const char *module)
{
	char field[REQUEST_NAME_BYTES + 2];

	snprintf(field, sizeof(field), "\t%s\t", module);
	for (size_t i = 0; i < requests->log.nr; i++)
		if (strstr(requests->log.array[i].text, field))
			return true;
	return false;
}

bool requests_hold(const struct requests *requests,
		   const struct request_modprobe *modprobe)
{
	const struct request_log *log = &requests->log;

	if (log->nr && (!modprobe || modprobe->is_missing))
		return false;
	for (size_t i = 0; i < log->nr; i++) {
		_cleanup_free_ char *text = text_of(
			modprobe->plan(modprobe->ctx, log->array[i].name));

		if (!text || strcmp(text, log->array[i].text) != 0)
			return false;
	}
	return true;
}

struct addrspace_needed *requests_module(const struct requests *requests,
					 const struct request_modprobe *modprobe,
					 uint64_t serial)
{
	for (size_t i = 0; i < requests->log.nr; i++) {
		const struct request_plan *plan = modprobe->plan(
			modprobe->ctx, requests->log.array[i].name);

		for (size_t j = 0; plan && j < plan->nr; j++)
			if (plan->steps[j].module &&
			    plan->steps[j].module->serial == serial)
				return plan->steps[j].module;
	}
	return NULL;
}

static enum request_end over(struct machine *machine, const char *why, const char *name)
{
	machine_stop(machine, DRYRUN_NEEDED,
		     "%.64s, which %s, does not come through its init", name, why);
	return REQUEST_OVER;
}

static enum request_end parse(struct loader *loader, struct loaded *loaded,
			      const char *options, const char *why, int32_t *ret)
{
	struct machine_result result;
	int64_t value;

	if (!loader_parse(loader, loaded, &options, options && *options ? 1 : 0, &result))
		return REQUEST_OVER;
	if (result.end != MACHINE_RETURNED)
		return over(loader->machine, why, loaded->mod.file->module_name);
	value = (int64_t)result.value;
	*ret = (int32_t)value;
	return value < 0 && value > -4096 ? REQUEST_FAILED : REQUEST_LOADED;
}

enum request_end request_load(struct loader *loader,
			      const struct addrspace_needed *module, const char *options,
			      const char *why, int32_t *ret)
{
	struct machine_result result;
	enum request_end end;
	struct loaded *loaded;

	if (!loader_load(loader, module->file, module->mod.va))
		return REQUEST_OVER;
	loaded = &loader->loaded[loader->nr - 1];
	end = parse(loader, loaded, options, why, ret);
	if (end == REQUEST_LOADED && loaded->init) {
		if (!calltype_check_init(loader->machine, loaded->init))
			return over(loader->machine, why, module->file->module_name);
		machine_call(loader->machine, loaded->init, 0, NULL, &result);
		if (result.end != MACHINE_RETURNED)
			return over(loader->machine, why, module->file->module_name);
		*ret = (int32_t)result.value;
		if (*ret < 0)
			end = REQUEST_FAILED;
	}
	if (end == REQUEST_LOADED)
		loader_go_live(loader, loaded);
	else if (end == REQUEST_FAILED && !loader_forget(loader, loaded))
		return REQUEST_OVER;
	return end;
}

/* false: the step fails, or the run is over. */
static bool load(struct requests *requests, const struct request_step *step,
		 struct request_record *record)
{
	struct loader *loader = requests->loader;
	const struct loaded *loaded = loader_find(loader, step->name);
	const struct modimage *own = loader->space->mod;
	/* One that is needed later is loaded where what links to it expects it. */
	const struct addrspace_needed *needed;
	int32_t ignored;

	if (loaded && !loaded->is_live) {
		machine_stop(loader->machine, DRYRUN_WAITS,
			     "modprobe would wait for %.64s, whose init waits for it",
			     step->name);
		return false;
	}
	if (loaded || (addrspace_is_loaded(loader->space, step->name) &&
		       strcmp(step->name, own->file->module_name) != 0))
		return true;
	needed = addrspace_needed_named(loader->space, step->name);
	if (!needed && addrspace_ask(loader->space, step->module) < 0) {
		machine_stop(loader->machine, DRYRUN_UNPREPARED,
			     "no room for the modules that it asks for");
		return false;
	}
	if (request_load(loader, needed ?: step->module, step->options, "it asks for",
			 &ignored) != REQUEST_LOADED)
		return false;
	if (record->nr_loaded < REQUEST_MAX_LOADED)
		record->loaded[record->nr_loaded++] = step->module->file->module_name;
	return true;
}

static bool run_step(struct requests *requests, struct machine *machine,
		     const struct request_step *step, struct request_record *record)
{
	switch (step->kind) {
	case REQUEST_LOAD:
		return load(requests, step, record);
	case REQUEST_SUCCEED:
		return true;
	case REQUEST_FAIL:
		break;
	case REQUEST_COMMAND:
		machine_stop(machine, DRYRUN_INVENTED,
			     "modprobe would run a command for %.64s, which it asks for: "
			     "an \"install\" line of modprobe.d",
			     step->name);
	}
	return false;
}

/* What the last of the modules that the name stands for came to is modprobe's status. */
static int run_plan(struct requests *requests, struct machine *machine,
		    const struct request_plan *plan, struct request_record *record)
{
	bool has_failed = !plan->nr_groups;

	for (size_t group = 0, i = 0; group < plan->nr_groups; group++) {
		has_failed = false;
		for (; i < plan->nr && plan->steps[i].group == group; i++)
			has_failed |= !has_failed && !machine->run.has_ended &&
				      !run_step(requests, machine, &plan->steps[i],
						record) &&
				      !plan->steps[i].is_optional;
	}
	return has_failed ? STATUS_FAILED : 0;
}

int request_run(struct requests *requests, struct machine *machine, const char *name)
{
	const struct request_modprobe *modprobe = requests->modprobe;
	const struct request_plan *plan;
	struct request_record ignored = {0},
			      *record = requests->nr < REQUEST_MAX_RECORDS
						? &requests->records[requests->nr]
						: &ignored;

	requests->nr++;
	*record = (struct request_record){.status = -ENOENT};
	snprintf(record->name, sizeof(record->name), "%s", name);
	if (modprobe->is_missing)
		return record->status;
	plan = ask(requests, name);
	if (plan) {
		record->status = run_plan(requests, machine, plan, record);
		return record->status;
	}
	record->status = (int)machine_invent(machine, 0, (uint64_t)-ENOENT);
	return record->status;
}

/* Whoever of two asks for the module itself, modprobe succeeds. */
static bool has_work(const struct requests *requests, const struct request_plan *plan)
{
	const char *own = requests->loader->space->mod->file->module_name;

	for (size_t i = 0; i < plan->nr; i++) {
		const struct request_step *step = &plan->steps[i];

		if (strcmp(step->name, own) == 0)
			return false;
		if (step->kind == REQUEST_COMMAND ||
		    (step->kind == REQUEST_LOAD &&
		     !loader_find(requests->loader, step->name) &&
		     !addrspace_is_loaded(requests->loader->space, step->name)))
			return true;
	}
	return false;
}

bool request_late(struct requests *requests, struct machine *machine, const char *name)
{
	const struct request_modprobe *modprobe = requests->modprobe;
	const struct request_plan *plan;

	if (modprobe->is_missing)
		return true;
	plan = ask(requests, name);
	if (!plan || requests->nr_late == REQUEST_MAX_LATE)
		return false;
	if (has_work(requests, plan) && machine_invent(machine, false, true))
		snprintf(requests->late[requests->nr_late++], REQUEST_NAME_BYTES, "%s",
			 name);
	return true;
}

void request_run_late(struct requests *requests, struct machine *machine)
{
	for (size_t i = 0; i < requests->nr_late && !machine->run.has_ended; i++)
		request_run(requests, machine, requests->late[i]);
	requests->nr_late = 0;
}

#endif
