/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modprobe(8) would do for a name. */
#include "module/modprobe.h"

#include <errno.h>
#include <libkmod.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

/* Softdeps of softdeps; real ones have two. */
enum { MAX_DEPTH = 32 };

static void cleanup_list(struct kmod_list **list)
{
	kmod_module_unref_list(*list);
}

static void cleanup_module(struct kmod_module **module)
{
	kmod_module_unref(*module);
}

struct planner {
	struct modprobe *plan;
	struct kmod_ctx *kmod;
	const struct depends *depends;
	size_t first; /* step of the module that is asked for */
	unsigned depth;
	/* Names whose own softdeps are being looked at, or have been. */
	char (*seen)[NAME_MAX + 1];
	size_t nr_seen;
};

static bool is_planned(const struct planner *planner, const char *name)
{
	for (size_t i = planner->first; i < planner->plan->nr; i++)
		if (strcmp(planner->plan->steps[i].name, name) == 0)
			return true;
	return false;
}

static bool is_seen(const struct planner *planner, const char *name)
{
	for (size_t i = 0; i < planner->nr_seen; i++)
		if (strcmp(planner->seen[i], name) == 0)
			return true;
	return false;
}

/* One module itself. What is built in has neither a file nor a command: no step. */
static int add_step(struct planner *planner, struct kmod_module *module, bool is_optional)
{
	const char *name = kmod_module_get_name(module),
		   *below = depends_path(planner->depends, name),
		   *command = kmod_module_get_install_commands(module),
		   *options = kmod_module_get_options(module);
	char path[PATH_MAX];
	struct modprobe_step step = {.is_optional = is_optional,
				     .group = planner->plan->nr_groups};

	if (is_planned(planner, name) || (!command && !below))
		return 0;
	if (planner->plan->nr == MODPROBE_MAX_STEPS)
		return -E2BIG;
	step.name = strdup(name);
	if (below) {
		depends_locate(planner->kmod, below, path);
		step.path = strdup(path);
	}
	step.options = strdup(options ?: "");
	step.command = command ? strdup(command) : NULL;
	planner->plan->steps[planner->plan->nr++] = step;
	return step.name && (step.path || !below) && step.options &&
			       (step.command || !command)
		       ? 0
		       : -ENOMEM;
}

static int plan_module(struct planner *planner, struct kmod_module *module,
		       bool is_optional);

static int plan_list(struct planner *planner, struct kmod_list *list)
{
	struct kmod_list *item;
	int r = 0;

	kmod_list_foreach(item, list)
	{
		_cleanup_(cleanup_module) struct kmod_module *module =
			kmod_module_get_module(item);

		if (r == 0)
			r = plan_module(planner, module, true);
	}
	return r;
}

/* The module with its softdeps before and behind it. */
static int add_with_softdeps(struct planner *planner, struct kmod_module *module,
			     bool is_optional)
{
	_cleanup_(cleanup_list) struct kmod_list *before = NULL;
	_cleanup_(cleanup_list) struct kmod_list *after = NULL;
	int r = 0;

	if (is_seen(planner, kmod_module_get_name(module)))
		return add_step(planner, module, is_optional);
	if (planner->depth == MAX_DEPTH || planner->nr_seen == MODPROBE_MAX_STEPS)
		return -E2BIG;
	snprintf(planner->seen[planner->nr_seen++], sizeof(planner->seen[0]), "%s",
		 kmod_module_get_name(module));
	kmod_module_get_softdeps(module, &before, &after);
	planner->depth++;
	r = plan_list(planner, before);
	if (r == 0)
		r = add_step(planner, module, is_optional);
	if (r == 0)
		r = plan_list(planner, after);
	planner->depth--;
	return r;
}

/* libkmod's order: what it needs, each with its softdeps, then itself with its own. */
static int plan_module(struct planner *planner, struct kmod_module *module,
		       bool is_optional)
{
	const char *needs = depends_of(planner->depends, kmod_module_get_name(module))
				    ?: "",
		   *end = needs + strlen(needs);
	char name[NAME_MAX + 1], path[PATH_MAX];
	int r = 0;

	if (is_seen(planner, kmod_module_get_name(module)))
		return 0;
	while (r == 0 && depends_take(needs, &end, path)) {
		_cleanup_(cleanup_module) struct kmod_module *needed = NULL;

		lookup_module_name(path, name);
		if (kmod_module_new_from_name(planner->kmod, name, &needed) == 0)
			r = add_with_softdeps(planner, needed, is_optional);
	}
	return r < 0 ? r : add_with_softdeps(planner, module, is_optional);
}

static bool has_name(struct kmod_list *list, const char *name)
{
	struct kmod_list *item;
	bool has = false;

	kmod_list_foreach(item, list)
	{
		_cleanup_(cleanup_module) struct kmod_module *module =
			kmod_module_get_module(item);

		has |= strcmp(kmod_module_get_name(module), name) == 0;
	}
	return has;
}

/* A module on a blacklist is left out where @name is an alias of it. */
static int plan_all(struct planner *planner, struct kmod_list *list, const char *name)
{
	_cleanup_(cleanup_list) struct kmod_list *wanted = NULL;
	struct modprobe *plan = planner->plan;
	struct kmod_list *item;
	char own[NAME_MAX + 1];
	int r = 0;

	lookup_module_name(name, own);
	if (kmod_module_apply_filter(planner->kmod, KMOD_FILTER_BLACKLIST, list,
				     &wanted) < 0)
		return -ENOMEM;
	kmod_list_foreach(item, list)
	{
		_cleanup_(cleanup_module) struct kmod_module *module =
			kmod_module_get_module(item);
		const char *found = kmod_module_get_name(module);

		planner->first = plan->nr;
		planner->nr_seen = 0;
		if (r == 0 && (strcmp(found, own) == 0 || has_name(wanted, found)))
			r = plan_module(planner, module, false);
		plan->nr_groups++;
	}
	return r;
}

int modprobe_plan(struct modprobe *ret, struct lookup *names, size_t number,
		  const char *name)
{
	_cleanup_(cleanup_list) struct kmod_list *list = NULL;
	struct planner planner = {.plan = ret, .kmod = lookup_kmod(names, number)};
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!planner.kmod || !lookup_has_index(kmod_get_dirname(planner.kmod)))
		return -ENOENT;
	planner.depends = &names->depends;
	if (kmod_module_new_from_lookup(planner.kmod, name, &list) < 0)
		return 0;
	planner.seen = calloc(MODPROBE_MAX_STEPS, sizeof(*planner.seen));
	if (!planner.seen)
		return -ENOMEM;
	r = plan_all(&planner, list, name);
	free(planner.seen);
	return r;
}

void modprobe_free(struct modprobe *plan)
{
	for (size_t i = 0; i < plan->nr; i++) {
		free(plan->steps[i].name);
		free(plan->steps[i].path);
		free(plan->steps[i].options);
		free(plan->steps[i].command);
	}
	memset(plan, 0, sizeof(*plan));
}
