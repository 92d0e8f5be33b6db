/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes to a file, one after another, compressed or not. */
#include "kcore/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "kcore/zstderror.h"

/* The level that zstd(1) takes, too. */
enum { LEVEL = 3, OUT_BYTES = 1024 * 1024 };

int stream_open(struct stream *ret, int fd, bool is_compressed)
{
	struct stream stream = {
		.fd = fd, .out = malloc(OUT_BYTES), .out_room = OUT_BYTES};

	if (!stream.out)
		return -ENOMEM;
	if (is_compressed) {
		stream.compressor = ZSTD_createCCtx();
		if (!stream.compressor) {
			free(stream.out);
			return -ENOMEM;
		}
		ZSTD_CCtx_setParameter(stream.compressor, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(stream.compressor, ZSTD_c_checksumFlag, 1);
	}
	*ret = stream;
	return 0;
}

static int flush(struct stream *stream)
{
	size_t done = 0;

	while (done < stream->out_bytes) {
		ssize_t n = write(stream->fd, stream->out + done,
				  stream->out_bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	stream->out_bytes = 0;
	return 0;
}

/* Feeds the compressor; at the end, until it has given everything back. */
static int compress(struct stream *stream, const void *bytes, size_t size_bytes,
		    ZSTD_EndDirective directive)
{
	ZSTD_inBuffer in = {.src = bytes, .size = size_bytes};
	size_t left;

	do {
		ZSTD_outBuffer out = {
			.dst = stream->out,
			.size = stream->out_room,
			.pos = stream->out_bytes,
		};
		int r;

		left = ZSTD_compressStream2(stream->compressor, &out, &in, directive);
		if (ZSTD_isError(left))
			return zstderror_of(left, -EIO);
		stream->out_bytes = out.pos;
		if (out.pos == out.size || directive == ZSTD_e_end) {
			r = flush(stream);
			if (r < 0)
				return r;
		}
	} while (directive == ZSTD_e_end ? left != 0 : in.pos < in.size);
	return 0;
}

int stream_put(struct stream *stream, const void *bytes, size_t size_bytes)
{
	if (stream->compressor)
		return compress(stream, bytes, size_bytes, ZSTD_e_continue);
	while (size_bytes > 0) {
		size_t n = stream->out_room - stream->out_bytes;

		if (n > size_bytes)
			n = size_bytes;
		memcpy(stream->out + stream->out_bytes, bytes, n);
		stream->out_bytes += n;
		bytes = (const char *)bytes + n;
		size_bytes -= n;
		if (stream->out_bytes == stream->out_room) {
			int r = flush(stream);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int stream_finish(struct stream *stream)
{
	int r = stream->compressor ? compress(stream, NULL, 0, ZSTD_e_end)
				   : flush(stream);

	if (r == 0 && fsync(stream->fd) < 0 && errno != EINVAL)
		r = -errno;
	return r;
}

void stream_close(struct stream *stream)
{
	ZSTD_freeCCtx(stream->compressor);
	free(stream->out);
	memset(stream, 0, sizeof(*stream));
}
