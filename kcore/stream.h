/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes to a file, one after another, compressed or not. */
#ifndef KWCHECK_KCORE_STREAM_H
#define KWCHECK_KCORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct stream {
	int fd;
	void *compressor; /* NULL: plain */
	char *out;
	size_t out_room, out_bytes;
};

/* Each returns 0 or -errno; after a failure only stream_close() makes sense. */
int stream_open(struct stream *ret, int fd, bool is_compressed);
int stream_put(struct stream *stream, const void *bytes, size_t size_bytes);
/* Everything put is with the file afterwards, and on the disk. */
int stream_finish(struct stream *stream);
void stream_close(struct stream *stream);

#endif
