/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dry runs as they stood once the modules that are needed had been loaded. */
#include "dryrun/checkpoint.h"

#ifdef KWCHECK_UNICORN

#include <stdlib.h>
#include <string.h>

/* Memory that all checkpoints of a worker may have, and one of them. */
enum { MAX_PAGES = 16 * 1024, MAX_PAGES_OF_ONE = 4 * 1024 };

static void free_checkpoint(struct checkpoint *checkpoint)
{
	machine_image_close(&checkpoint->image);
	loader_close(&checkpoint->loader);
	free(checkpoint->steps);
	free(checkpoint);
}

static struct checkpoint_step step_of(const struct addrspace *space, size_t i)
{
	return (struct checkpoint_step){.serial = space->needed[i]->serial,
					.is_optional = addrspace_is_optional(space, i)};
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

const struct checkpoint *checkpoints_find(struct checkpoints *checkpoints,
					  const struct addrspace *space, unsigned variant)
{
	struct checkpoint *best = NULL;

	for (size_t i = 0; i < checkpoints->nr; i++) {
		struct checkpoint *checkpoint = checkpoints->array[i];

		if (checkpoint->image.variant == variant &&
		    (!best || checkpoint->nr_steps > best->nr_steps) &&
		    is_on_way(checkpoint, space))
			best = checkpoint;
	}
	if (best)
		best->used = ++checkpoints->now;
	return best;
}

static void drop(struct checkpoints *checkpoints, size_t i)
{
	checkpoints->nr_pages -= checkpoints->array[i]->image.memory.nr_pages;
	free_checkpoint(checkpoints->array[i]);
	checkpoints->array[i] = checkpoints->array[--checkpoints->nr];
}

/* Those that were not used for the longest time go. */
static bool make_room(struct checkpoints *checkpoints, size_t nr_pages,
		      const struct checkpoint *base)
{
	while (checkpoints->nr == CHECKPOINT_MAX ||
	       checkpoints->nr_pages + nr_pages > MAX_PAGES) {
		size_t oldest = checkpoints->nr;

		for (size_t i = 0; i < checkpoints->nr; i++)
			if (checkpoints->array[i] != base &&
			    (oldest == checkpoints->nr ||
			     checkpoints->array[i]->used <
				     checkpoints->array[oldest]->used))
				oldest = i;
		if (oldest == checkpoints->nr)
			return false;
		drop(checkpoints, oldest);
	}
	return true;
}

static struct checkpoint *new_checkpoint(const struct loader *loader, size_t nr_steps)
{
	struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

	if (!checkpoint)
		return NULL;
	checkpoint->nr_steps = nr_steps;
	checkpoint->steps = calloc(nr_steps + 1, sizeof(*checkpoint->steps));
	if (!checkpoint->steps || loader_take(loader, &checkpoint->loader) < 0) {
		free(checkpoint->steps);
		free(checkpoint);
		return NULL;
	}
	for (size_t i = 0; i < nr_steps; i++)
		checkpoint->steps[i] = step_of(loader->space, i);
	return checkpoint;
}

void checkpoints_take(struct checkpoints *checkpoints, const struct loader *loader,
		      const struct handler_state *handlers, size_t nr_steps,
		      const struct checkpoint *base)
{
	struct checkpoint *checkpoint = new_checkpoint(loader, nr_steps);

	if (!checkpoint)
		return;
	checkpoint->handlers = *handlers;
	if (machine_take(loader->machine, MAX_PAGES_OF_ONE, &checkpoint->image) < 0 ||
	    !make_room(checkpoints, checkpoint->image.memory.nr_pages, base)) {
		free_checkpoint(checkpoint);
		return;
	}
	checkpoint->used = ++checkpoints->now;
	checkpoints->nr_pages += checkpoint->image.memory.nr_pages;
	checkpoints->array[checkpoints->nr++] = checkpoint;
}

void checkpoints_close(struct checkpoints *checkpoints)
{
	while (checkpoints->nr)
		drop(checkpoints, 0);
}

#endif
