/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dry runs as they stood once the modules that are needed had been loaded: the next
 * module that needs the same ones goes on from there.
 */
#ifndef KWCHECK_DRYRUN_CHECKPOINT_H
#define KWCHECK_DRYRUN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dryrun/handlers.h"
#include "dryrun/loader.h"
#include "machine/machine.h"

/* One of the needed modules, in the order of loading. */
struct checkpoint_step {
	uint64_t serial; /* of struct addrspace_needed */
	bool is_optional;
};

struct checkpoint {
	struct checkpoint_step *steps; /* nr_steps: what was done when it was taken */
	size_t nr_steps;
	struct machine_image image;
	struct loader loader;
	struct handler_state handlers;
	uint64_t used; /* when it was used last */
};

enum { CHECKPOINT_MAX = 64 };

/* Zeroed: none. All are of one kernel, and of the same models, CPU and bounds. */
struct checkpoints {
	struct checkpoint *array[CHECKPOINT_MAX];
	size_t nr, nr_pages; /* of memory, in all of them */
	uint64_t now;
};

/* checkpoints_find - the one that is furthest on the way to @space's module
 * NULL: none is on it. Valid until the next call of checkpoints_take().
 */
const struct checkpoint *checkpoints_find(struct checkpoints *checkpoints,
					  const struct addrspace *space,
					  unsigned variant);

/* checkpoints_take - keeps the run as it stands now: the first @nr_steps of the needed
 * modules are loaded, and nothing that it rests on hangs on the others
 * @base: the one that it went on from, which stays; or NULL. Where there is no room or no
 * memory, none is kept.
 */
void checkpoints_take(struct checkpoints *checkpoints, const struct loader *loader,
		      const struct handler_state *handlers, size_t nr_steps,
		      const struct checkpoint *base);

void checkpoints_close(struct checkpoints *checkpoints);

#endif
