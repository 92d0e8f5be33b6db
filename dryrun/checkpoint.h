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
#include "dryrun/request.h"
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
	struct requests requests;
	uint64_t asked[ADDRSPACE_MAX_ASKED]; /* serials of what was asked for: nr_asked */
	size_t nr_asked;
	uint64_t gain; /* instructions that it took since the one that it went on from */
};

enum { CHECKPOINT_MAX = 64 };

/* Zeroed: none. All are of one kernel, and of the same models, CPU and bounds. */
struct checkpoints {
	struct checkpoint *array[CHECKPOINT_MAX];
	size_t nr, nr_pages; /* of memory, in all of them */
};

/* checkpoints_find - the one that is furthest on the way to @space's module
 * What its modules asked modprobe for has to be answered in the same way by @modprobe
 * (NULL: nobody to ask). @space has the modules that were asked for then. NULL: none is
 * on the way. Valid until the next call of checkpoints_take().
 */
const struct checkpoint *checkpoints_find(struct checkpoints *checkpoints,
					  struct addrspace *space,
					  const struct request_modprobe *modprobe,
					  unsigned variant);

/* checkpoints_take - keeps the run as it stands now: the first @nr_steps of the needed
 * modules are loaded
 * @base: the one that it went on from, which stays; or NULL. None is kept where what it
 * rests on hangs on the module in question or on the other needed ones, and where there
 * is no memory, or no room but for what took less to make.
 */
void checkpoints_take(struct checkpoints *checkpoints, const struct loader *loader,
		      const struct handler_state *handlers,
		      const struct requests *requests, size_t nr_steps,
		      const struct checkpoint *base);

void checkpoints_close(struct checkpoints *checkpoints);

#endif
