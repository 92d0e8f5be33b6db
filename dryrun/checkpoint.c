/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dry runs as they stood once the modules that are needed had been loaded. */
#include "dryrun/checkpoint.h"

#ifdef KWCHECK_UNICORN

#include <stdlib.h>
#include <string.h>

/* Memory that all checkpoints of a worker may have, and one of them. */
enum { MAX_PAGES = 24 * 1024, MAX_PAGES_OF_ONE = 4 * 1024 };

static void free_checkpoint(struct checkpoint *checkpoint)
{
	machine_image_close(&checkpoint->image);
	loader_close(&checkpoint->loader);
	requests_close(&checkpoint->requests);
	free(checkpoint->steps);
	free(checkpoint);
}

static struct checkpoint_step step_of(const struct addrspace *space, size_t i)
{
	return (struct checkpoint_step){.serial = space->needed[i]->serial,
					.is_optional = addrspace_is_optional(space, i)};
}

/* Was nothing that was asked for the module in question, or one that it needs from the
 * @nr_steps-th on, or linked to one of these?
 */
static bool is_independent(const struct requests *requests, const struct addrspace *space,
			   size_t nr_steps)
{
	if (requests_names(requests, space->mod->file->module_name))
		return false;
	for (size_t i = nr_steps; i < space->nr_needed; i++)
		if (requests_names(requests, space->needed[i]->file->module_name))
			return false;
	return addrspace_is_apart(space, nr_steps);
}

/* Does @space's module need first what had been loaded? */
static bool is_on_way(const struct checkpoint *checkpoint, const struct addrspace *space)
{
	if (checkpoint->nr_steps > space->nr_needed)
		return false;
	for (size_t i = 0; i < checkpoint->nr_steps; i++) {
		struct checkpoint_step step = step_of(space, i);

		if (step.serial != checkpoint->steps[i].serial ||
		    step.is_optional != checkpoint->steps[i].is_optional)
			return false;
	}
	return true;
}

/* Puts what was asked for where it was. */
static bool ask_again(const struct checkpoint *checkpoint, struct addrspace *space,
		      const struct request_modprobe *modprobe)
{
	for (size_t i = 0; i < checkpoint->nr_asked; i++) {
		struct addrspace_needed *asked = requests_module(
			&checkpoint->requests, modprobe, checkpoint->asked[i]);

		if (!asked || addrspace_ask(space, asked) < 0)
			return false;
	}
	return is_independent(&checkpoint->requests, space, checkpoint->nr_steps);
}

const struct checkpoint *checkpoints_find(struct checkpoints *checkpoints,
					  struct addrspace *space,
					  const struct request_modprobe *modprobe,
					  unsigned variant)
{
	struct checkpoint *best = NULL;

	for (size_t i = 0; i < checkpoints->nr; i++) {
		struct checkpoint *checkpoint = checkpoints->array[i];

		if (checkpoint->image.variant != variant ||
		    (best && checkpoint->nr_steps <= best->nr_steps) ||
		    !is_on_way(checkpoint, space) ||
		    !requests_hold(&checkpoint->requests, modprobe))
			continue;
		addrspace_link(space, space->needed, space->is_optional,
			       space->nr_needed);
		if (ask_again(checkpoint, space, modprobe))
			best = checkpoint;
	}
	addrspace_link(space, space->needed, space->is_optional, space->nr_needed);
	if (!best || !ask_again(best, space, modprobe))
		return NULL;
	return best;
}

static void drop(struct checkpoints *checkpoints, size_t i)
{
	checkpoints->nr_pages -= checkpoints->array[i]->image.memory.nr_pages;
	free_checkpoint(checkpoints->array[i]);
	checkpoints->array[i] = checkpoints->array[--checkpoints->nr];
}

/* Those that are made anew in the fewest instructions go. */
static bool make_room(struct checkpoints *checkpoints, const struct checkpoint *made,
		      const struct checkpoint *base)
{
	while (checkpoints->nr == CHECKPOINT_MAX ||
	       checkpoints->nr_pages + made->image.memory.nr_pages > MAX_PAGES) {
		size_t least = checkpoints->nr;

		for (size_t i = 0; i < checkpoints->nr; i++)
			if (checkpoints->array[i] != base &&
			    (least == checkpoints->nr ||
			     checkpoints->array[i]->gain <
				     checkpoints->array[least]->gain))
				least = i;
		if (least == checkpoints->nr ||
		    checkpoints->array[least]->gain > made->gain)
			return false;
		drop(checkpoints, least);
	}
	return true;
}

static struct checkpoint *new_checkpoint(const struct loader *loader,
					 const struct requests *requests, size_t nr_steps)
{
	struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

	if (!checkpoint)
		return NULL;
	checkpoint->nr_steps = nr_steps;
	checkpoint->steps = calloc(nr_steps + 1, sizeof(*checkpoint->steps));
	if (!checkpoint->steps || requests_copy(&checkpoint->requests, requests) < 0 ||
	    loader_take(loader, &checkpoint->loader) < 0) {
		free_checkpoint(checkpoint);
		return NULL;
	}
	for (size_t i = 0; i < nr_steps; i++)
		checkpoint->steps[i] = step_of(loader->space, i);
	for (; checkpoint->nr_asked < loader->space->nr_asked; checkpoint->nr_asked++)
		checkpoint->asked[checkpoint->nr_asked] =
			loader->space->asked[checkpoint->nr_asked]->serial;
	return checkpoint;
}

void checkpoints_take(struct checkpoints *checkpoints, const struct loader *loader,
		      const struct handler_state *handlers,
		      const struct requests *requests, size_t nr_steps,
		      const struct checkpoint *base)
{
	struct checkpoint *checkpoint = is_independent(requests, loader->space, nr_steps)
						? new_checkpoint(loader, requests,
								 nr_steps)
						: NULL;

	if (!checkpoint)
		return;
	checkpoint->handlers = *handlers;
	if (machine_take(loader->machine, MAX_PAGES_OF_ONE, &checkpoint->image) < 0) {
		free_checkpoint(checkpoint);
		return;
	}
	checkpoint->gain = checkpoint->image.run.nr_instructions -
			   (base ? base->image.run.nr_instructions : 0);
	if (!make_room(checkpoints, checkpoint, base)) {
		free_checkpoint(checkpoint);
		return;
	}
	checkpoints->nr_pages += checkpoint->image.memory.nr_pages;
	checkpoints->array[checkpoints->nr++] = checkpoint;
}

void checkpoints_close(struct checkpoints *checkpoints)
{
	while (checkpoints->nr)
		drop(checkpoints, 0);
}

#endif
