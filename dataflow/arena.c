/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back all at once. */
#include "dataflow/arena.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 256 * 1024, ALIGN = 16 };

struct arena_chunk {
	struct arena_chunk *previous;
	size_t used_bytes, size_bytes;
	_Alignas(ALIGN) unsigned char bytes[];
};

void *arena_take_dirty(struct arena *arena, size_t size_bytes)
{
	struct arena_chunk *chunk = arena->chunk;
	void *taken;

	size_bytes = (size_bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!chunk || size_bytes > chunk->size_bytes - chunk->used_bytes) {
		size_t room = size_bytes > CHUNK_BYTES ? size_bytes : CHUNK_BYTES;

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		chunk->previous = arena->chunk;
		chunk->used_bytes = 0;
		chunk->size_bytes = room;
		arena->chunk = chunk;
		arena->nr_bytes += room;
	}
	taken = chunk->bytes + chunk->used_bytes;
	chunk->used_bytes += size_bytes;
	return taken;
}

void *arena_take(struct arena *arena, size_t size_bytes)
{
	void *taken = arena_take_dirty(arena, size_bytes);

	return taken ? memset(taken, 0, size_bytes) : NULL;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){.chunk = arena->chunk,
				   .used_bytes = arena->chunk ? arena->chunk->used_bytes
							      : 0};
}

void arena_release(struct arena *arena, struct arena_mark mark)
{
	while (arena->chunk != mark.chunk) {
		struct arena_chunk *chunk = arena->chunk;

		arena->chunk = chunk->previous;
		arena->nr_bytes -= chunk->size_bytes;
		free(chunk);
	}
	if (arena->chunk)
		arena->chunk->used_bytes = mark.used_bytes;
}

void arena_close(struct arena *arena)
{
	arena_release(arena, (struct arena_mark){0});
}
