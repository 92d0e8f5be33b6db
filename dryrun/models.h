/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel that cannot run outside the machine. models.def has them, a row
 * each: why, the function's name, and what is done instead. A new model is a row there.
 */
#ifndef KWCHECK_DRYRUN_MODELS_H
#define KWCHECK_DRYRUN_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handler_state;
struct kernel;
struct machine;

enum { MODELS_MAX = 1024 };

/* Where the rows' functions lie in one kernel; 0: it has none of that name. Several of
 * one row are copies that a compiler made.
 */
struct models {
	uint64_t addresses[MODELS_MAX]; /* by id */
	size_t nr;
};

/* models_find - one pass over the kernel's names */
void models_find(struct models *ret, struct kernel *kernel);

/* Does what the row of @id says, in a machine that just entered its function. */
void models_enter(unsigned id, struct handler_state *state, struct machine *machine);

/* The table, for people: the name that @id stands for, and the reason. false: no more. */
bool models_row(size_t id, const char **name, const char **reason);

#endif
