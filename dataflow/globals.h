/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's variables: what its code stores there, in whichever function. */
#ifndef KWCHECK_DATAFLOW_GLOBALS_H
#define KWCHECK_DATAFLOW_GLOBALS_H

#include <stdbool.h>
#include <stdint.h>

#include "dataflow/value.h"

/* A variable that something special is stored in. */
struct global {
	uint64_t va; /* 0: free */
	struct value value;
	bool has_other; /* something else is stored, too */
};

enum { GLOBALS_ROOM = 1024 };

struct globals {
	struct global array[GLOBALS_ROOM]; /* hashed by va */
	bool has_changed;
};

/* globals_note - @value, of eight bytes, is stored at @va
 * Sets has_changed if that says something new. Returns whether it is the first special
 * value there. Variables beyond GLOBALS_ROOM are not followed.
 */
bool globals_note(struct globals *globals, uint64_t va, struct value value);

/* NULL: nothing special is stored there. */
const struct global *globals_find(const struct globals *globals, uint64_t va);

#endif
