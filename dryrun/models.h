/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does that cannot run outside the machine: told by a table, entry point
 * by entry point, with the reason why and what is done instead.
 */
#ifndef KWCHECK_DRYRUN_MODELS_H
#define KWCHECK_DRYRUN_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handler_state;
struct kernel;
struct machine;

enum { MODEL_MAX_ROWS = 1024 };

/* Where the rows' functions lie in one kernel. */
struct models {
	uint64_t addresses[MODEL_MAX_ROWS];
	uint16_t rows[MODEL_MAX_ROWS];
	size_t nr;
};

/* models_find - one pass over the kernel's names */
void models_find(struct models *ret, struct kernel *kernel);

/* Does what the row of @id says, in a machine that just entered its function. */
void models_enter(const struct models *models, unsigned id, struct handler_state *state,
		  struct machine *machine);

/* The table, for people: name and reason of row @i. false: no more. */
bool models_row(size_t i, const char **name, const char **reason);

#endif
