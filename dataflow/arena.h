/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back all at once. */
#ifndef KWCHECK_DATAFLOW_ARENA_H
#define KWCHECK_DATAFLOW_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk;
	size_t nr_bytes; /* held by all chunks */
};

/* A place to go back to: everything taken later is given back. */
struct arena_mark {
	struct arena_chunk *chunk;
	size_t used_bytes;
};

/* @size_bytes of zeroed memory, aligned for anything. NULL: there is none. */
void *arena_take(struct arena *arena, size_t size_bytes);
/* The same, with whatever it holds. */
void *arena_take_dirty(struct arena *arena, size_t size_bytes);
struct arena_mark arena_mark(const struct arena *arena);
/* Gives back all that was taken since. */
void arena_release(struct arena *arena, struct arena_mark mark);
void arena_close(struct arena *arena);

#endif
