/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expands a zstd-compressed core. */
#include "kcore/compressed.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

static const uint64_t MAX_BYTES = 8ULL << 30;

static void cleanup_stream(ZSTD_DStream **stream)
{
	ZSTD_freeDStream(*stream);
}

bool compressed_is_zstd(int fd)
{
	unsigned char magic[4];

	return loss_pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       memcmp(magic, "\x28\xb5\x2f\xfd", sizeof(magic)) == 0;
}

static int write_all(int fd, const char *bytes, size_t size_bytes)
{
	while (size_bytes > 0) {
		ssize_t n = write(fd, bytes, size_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size_bytes -= (size_t)n;
	}
	return 0;
}

int compressed_expand(int from, int to, const char *path, struct error *err)
{
	_cleanup_(cleanup_stream) ZSTD_DStream *stream = ZSTD_createDStream();
	size_t in_room = ZSTD_DStreamInSize(), out_room = ZSTD_DStreamOutSize(), left = 1;
	_cleanup_free_ char *in = malloc(in_room);
	_cleanup_free_ char *out = malloc(out_room);
	uint64_t at = 0, written = 0;

	if (!stream || !in || !out)
		return -ENOMEM;
	for (;;) {
		ssize_t n = loss_pread(from, in, in_room, (off_t)at);
		ZSTD_inBuffer input = {.src = in, .size = n > 0 ? (size_t)n : 0};

		if (n < 0)
			return error_set(err, ERROR_FILE, (int)n, "%s: %s", path,
					 strerror((int)-n));
		if (n == 0)
			break;
		at += (uint64_t)n;
		while (input.pos < input.size) {
			ZSTD_outBuffer output = {.dst = out, .size = out_room};
			int r;

			left = ZSTD_decompressStream(stream, &output, &input);
			if (ZSTD_isError(left))
				return error_set(err, ERROR_MALFORMED_CORE, -EINVAL,
						 "%s: zstd: %s; copy the file again",
						 path, ZSTD_getErrorName(left));
			written += output.pos;
			if (written > MAX_BYTES)
				return error_set(
					err, ERROR_MALFORMED_CORE, -EFBIG,
					"%s: expands to more than 8 GiB; give it "
					"uncompressed",
					path);
			r = write_all(to, out, output.pos);
			if (r < 0)
				return error_set(err, ERROR_FILE, r, "%s: expanding: %s",
						 path, strerror(-r));
		}
	}
	if (left != 0)
		return error_set(
			err, ERROR_TRUNCATED_CORE, -ENODATA,
			"%s: truncated: the compressed data ends early; copy the file "
			"again",
			path);
	return 0;
}
