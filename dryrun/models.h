/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does that cannot run outside the machine: told by a table, entry point
 * by entry point, with the reason why and what is done instead.
 */
#ifndef KWCHECK_DRYRUN_MODELS_H
#define KWCHECK_DRYRUN_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel;
struct machine;

enum { MODEL_MAX_ROWS = 1024, MODEL_MAX_QUEUED = 256 };

/* Where the rows' functions lie in one kernel. */
struct models {
	uint64_t addresses[MODEL_MAX_ROWS];
	uint16_t rows[MODEL_MAX_ROWS];
	size_t nr;
};

/* What one run has put off. */
struct model_run {
	const struct models *models;
	uint64_t module_va, module_bytes; /* what the run is about, with those it needs */
	uint64_t queued[MODEL_MAX_QUEUED]; /* work that was queued, and not run */
	size_t nr_queued, nr_deferred;
	size_t nr_waits;
	uint64_t template_task; /* for threads that are created; 0: not looked for */
	/* Called when a static key was changed, to patch the module's own branches. */
	void (*key_changed)(void *ctx, struct machine *machine, uint64_t key);
	void *ctx;
};

/* models_find - one pass over the kernel's names */
void models_find(struct models *ret, struct kernel *kernel);

/* The watch function of a machine whose ids are rows of @run->models. */
void models_enter(struct model_run *run, struct machine *machine, unsigned id);

/* The table, for people: name and reason of row @i. false: no more. */
bool models_row(size_t i, const char **name, const char **reason);

#endif
