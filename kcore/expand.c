/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump whose bytes come out of another file's. */
#include "kcore/expand.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/unflatten.h"
#include "kcore/zstderror.h"

enum {
	IN_BYTES = 256 * 1024,
	OUT_BYTES = 256 * 1024,
	/* What a decoder of hostile input may take for itself. */
	DECODER_MAX_BYTES = 128 * 1024 * 1024,
	GZIP_HEADER = 16 + MAX_WBITS, /* zlib.h: inflateInit2() */
};

struct expansion {
	struct unflatten file;
	z_stream zlib;
	lzma_stream lzma;
	ZSTD_DStream *zstd;
	bool is_open;  /* the decoder, which has to be closed */
	bool is_whole; /* all that began has ended */
	char out[OUT_BYTES];
};

/* Each decodes all of @size_bytes, or with 0 the end. -EBADMSG: damaged. */
typedef int (*decode_fn)(struct expansion *expansion, const char *bytes,
			 size_t size_bytes);

static int decode_none(struct expansion *expansion, const char *bytes, size_t size_bytes)
{
	expansion->is_whole = true;
	return unflatten_put(&expansion->file, bytes, size_bytes);
}

/* Members follow each other: gzip(1). What is no member behind one is padding. */
static int decode_gzip(struct expansion *expansion, const char *bytes, size_t size_bytes)
{
	z_stream *zlib = &expansion->zlib;
	bool is_first = !expansion->is_open;

	if (is_first && inflateInit2(zlib, GZIP_HEADER) != Z_OK)
		return -ENOMEM;
	expansion->is_open = true;
	zlib->next_in = (Bytef *)bytes;
	zlib->avail_in = (uInt)size_bytes;
	while (zlib->avail_in > 0) {
		int status, r;

		if (expansion->is_whole && inflateReset(zlib) != Z_OK)
			return -EBADMSG;
		if (expansion->is_whole && *zlib->next_in != 0x1f)
			return 0;
		expansion->is_whole = false;
		do {
			zlib->next_out = (Bytef *)expansion->out;
			zlib->avail_out = OUT_BYTES;
			status = inflate(zlib, Z_NO_FLUSH);
			if (status != Z_OK && status != Z_STREAM_END &&
			    status != Z_BUF_ERROR)
				return status == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
			r = unflatten_put(&expansion->file, expansion->out,
					  OUT_BYTES - zlib->avail_out);
			if (r < 0)
				return r;
		} while (status == Z_OK && zlib->avail_out == 0);
		expansion->is_whole = status == Z_STREAM_END;
	}
	return 0;
}

static int decode_xz(struct expansion *expansion, const char *bytes, size_t size_bytes)
{
	static const lzma_stream empty = LZMA_STREAM_INIT;
	lzma_stream *lzma = &expansion->lzma;
	lzma_ret status = LZMA_OK;

	if (!expansion->is_open) {
		*lzma = empty;
		if (lzma_stream_decoder(lzma, DECODER_MAX_BYTES, LZMA_CONCATENATED) !=
		    LZMA_OK)
			return -ENOMEM;
	}
	expansion->is_open = true;
	lzma->next_in = (const uint8_t *)bytes;
	lzma->avail_in = size_bytes;
	do {
		int r;

		lzma->next_out = (uint8_t *)expansion->out;
		lzma->avail_out = OUT_BYTES;
		status = lzma_code(lzma, size_bytes ? LZMA_RUN : LZMA_FINISH);
		if (status != LZMA_OK && status != LZMA_STREAM_END &&
		    status != LZMA_BUF_ERROR)
			return status == LZMA_MEM_ERROR ? -ENOMEM : -EBADMSG;
		r = unflatten_put(&expansion->file, expansion->out,
				  OUT_BYTES - lzma->avail_out);
		if (r < 0)
			return r;
	} while (status == LZMA_OK && (lzma->avail_in > 0 || lzma->avail_out == 0));
	expansion->is_whole = status == LZMA_STREAM_END;
	return 0;
}

static int decode_zstd(struct expansion *expansion, const char *bytes, size_t size_bytes)
{
	ZSTD_inBuffer input = {.src = bytes, .size = size_bytes};

	if (!expansion->zstd)
		expansion->zstd = ZSTD_createDStream();
	if (!expansion->zstd)
		return -ENOMEM;
	/* What fills the output may not be all that the input gave. */
	for (bool is_full = false; input.pos < input.size || is_full;) {
		ZSTD_outBuffer output = {.dst = expansion->out, .size = OUT_BYTES};
		size_t left = ZSTD_decompressStream(expansion->zstd, &output, &input);
		int r;

		if (ZSTD_isError(left))
			return zstderror_of(left, -EBADMSG);
		expansion->is_whole = left == 0;
		is_full = left != 0 && output.pos == OUT_BYTES;
		r = unflatten_put(&expansion->file, expansion->out, output.pos);
		if (r < 0)
			return r;
	}
	return 0;
}

static const decode_fn decoders[] = {
	[FORM_FLAT] = decode_none,
	[FORM_GZIP] = decode_gzip,
	[FORM_XZ] = decode_xz,
	[FORM_ZSTD] = decode_zstd,
};

static int decode_all(struct expansion *expansion, int from, decode_fn decode)
{
	_cleanup_free_ char *in = malloc(IN_BYTES);
	uint64_t at = 0;
	ssize_t n;
	int r;

	if (!in)
		return -ENOMEM;
	do {
		n = loss_pread(from, in, IN_BYTES, (off_t)at);
		if (n < 0)
			return (int)n;
		at += (uint64_t)n;
		r = decode(expansion, in, (size_t)n);
	} while (r == 0 && n > 0);
	return r;
}

static int tell(const char *path, int r, struct error *err)
{
	switch (r) {
	case 0:
		return 0;
	case -EBADMSG:
		return error_set(err, ERROR_MALFORMED_CORE, -EINVAL,
				 "%s: the compressed data is damaged; copy the file "
				 "again",
				 path);
	case -EINVAL:
		return error_set(
			err, ERROR_MALFORMED_CORE, r,
			"%s: a record of the flattened dump is damaged; copy the "
			"file again",
			path);
	case -EOVERFLOW:
		return error_set(err, ERROR_MALFORMED_CORE, r,
				 "%s: expands to more than 8 GiB; give it uncompressed, "
				 "and not flattened (makedumpfile -R)",
				 path);
	default:
		return error_set(err, ERROR_FILE, r, "%s: expanding: %s", path,
				 strerror(-r));
	}
}

int expand_file(int from, int to, enum form_kind kind, const char *path, bool *ret_is_cut,
		struct error *err)
{
	struct expansion *expansion = calloc(1, sizeof(*expansion));
	bool is_flat_cut = false;
	int r;

	if (!expansion)
		return -ENOMEM;
	expansion->file.fd = to;
	r = decode_all(expansion, from, decoders[kind]);
	if (r == 0)
		r = unflatten_finish(&expansion->file, &is_flat_cut);
	*ret_is_cut = is_flat_cut || !expansion->is_whole;
	if (kind == FORM_GZIP && expansion->is_open)
		inflateEnd(&expansion->zlib);
	if (kind == FORM_XZ && expansion->is_open)
		lzma_end(&expansion->lzma);
	ZSTD_freeDStream(expansion->zstd);
	free(expansion);
	return tell(path, r, err);
}
