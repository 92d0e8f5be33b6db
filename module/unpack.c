/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a file that may be compressed. */
#include "module/unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "kcore/cleanup.h"
#include "kcore/zstderror.h"

/* What a decoder of hostile input may take for itself. */
enum { DECODER_MAX_BYTES = 128 * 1024 * 1024, ZSTD_MAX_WINDOW_LOG = 27 };
enum { FIRST_ROOM_BYTES = 256 * 1024 };

/* Output that grows up to UNPACK_MAX_BYTES. */
struct output {
	unsigned char *bytes;
	size_t nr, room;
};

static int make_room(struct output *output)
{
	size_t room = output->room ? output->room * 2 : FIRST_ROOM_BYTES;
	unsigned char *bytes;

	if (output->nr < output->room)
		return 0;
	if (output->nr >= UNPACK_MAX_BYTES)
		return -EFBIG;
	if (room > UNPACK_MAX_BYTES)
		room = UNPACK_MAX_BYTES;
	bytes = realloc(output->bytes, room);
	if (!bytes)
		return -ENOMEM;
	output->bytes = bytes;
	output->room = room;
	return 0;
}

/* @window_bits: as inflateInit2() has them, by which it knows the header. *@ret_left: the
 * bytes behind the end.
 */
static int inflate_all(const unsigned char *data, size_t size_bytes, int window_bits,
		       struct output *output, size_t *ret_left)
{
	z_stream stream = {0};
	int r = 0, status = Z_OK;

	if (inflateInit2(&stream, window_bits) != Z_OK)
		return -ENOMEM;
	stream.next_in = (unsigned char *)data;
	stream.avail_in = (unsigned)size_bytes;
	while (r == 0 && status != Z_STREAM_END) {
		r = make_room(output);
		if (r < 0)
			break;
		stream.next_out = output->bytes + output->nr;
		stream.avail_out = (unsigned)(output->room - output->nr);
		status = inflate(&stream, Z_NO_FLUSH);
		output->nr = output->room - stream.avail_out;
		if (status == Z_MEM_ERROR)
			r = -ENOMEM;
		else if (status != Z_OK && status != Z_STREAM_END)
			r = -EBADMSG;
	}
	*ret_left = stream.avail_in;
	inflateEnd(&stream);
	return r;
}

static int unpack_gzip(const unsigned char *data, size_t size_bytes,
		       struct output *output)
{
	enum { GZIP_WINDOW = 15 + 16 };
	size_t left;
	int r = inflate_all(data, size_bytes, GZIP_WINDOW, output, &left);

	return r == 0 && left != 0 ? -EBADMSG : r;
}

static int unpack_xz(const unsigned char *data, size_t size_bytes, struct output *output)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret status;
	int r = 0;

	if (lzma_stream_decoder(&stream, DECODER_MAX_BYTES, 0) != LZMA_OK)
		return -ENOMEM;
	stream.next_in = data;
	stream.avail_in = size_bytes;
	do {
		r = make_room(output);
		if (r < 0)
			break;
		stream.next_out = output->bytes + output->nr;
		stream.avail_out = output->room - output->nr;
		status = lzma_code(&stream, LZMA_FINISH);
		output->nr = output->room - stream.avail_out;
		if (status == LZMA_MEM_ERROR)
			r = -ENOMEM;
		else if (status == LZMA_MEMLIMIT_ERROR)
			r = -EFBIG;
		else if (status != LZMA_OK && status != LZMA_STREAM_END)
			r = -EBADMSG;
	} while (r == 0 && status != LZMA_STREAM_END);
	if (r == 0 && stream.avail_in != 0)
		r = -EBADMSG;
	lzma_end(&stream);
	return r;
}

static int unpack_zstd(const unsigned char *data, size_t size_bytes,
		       struct output *output)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = {.src = data, .size = size_bytes};
	size_t status = 1;
	int r = 0;

	if (!stream)
		return -ENOMEM;
	ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, ZSTD_MAX_WINDOW_LOG);
	while (r == 0 && status != 0) {
		ZSTD_outBuffer out;
		size_t in_before = in.pos, nr_before = output->nr;

		r = make_room(output);
		if (r < 0)
			break;
		out = (ZSTD_outBuffer){
			.dst = output->bytes, .size = output->room, .pos = output->nr};
		status = ZSTD_decompressStream(stream, &out, &in);
		output->nr = out.pos;
		if (ZSTD_isError(status))
			r = zstderror_of(status, -EBADMSG);
		else if (status != 0 && in.pos == in_before && output->nr == nr_before)
			r = -EBADMSG;
	}
	if (r == 0 && in.pos != in.size)
		r = -EBADMSG;
	ZSTD_freeDStream(stream);
	return r;
}

static int copy_plain(const unsigned char *data, size_t size_bytes, struct output *output)
{
	if (size_bytes > UNPACK_MAX_BYTES)
		return -EFBIG;
	output->bytes = malloc(size_bytes ? size_bytes : 1);
	if (!output->bytes)
		return -ENOMEM;
	memcpy(output->bytes, data, size_bytes);
	output->nr = size_bytes;
	return 0;
}

/* The first bytes tell, as for the kernel and kmod; a name may lie. */
static const struct {
	const char *name, *magic;
	size_t magic_bytes;
	int (*unpack)(const unsigned char *data, size_t size_bytes,
		      struct output *output);
} kinds[] = {
	{"gzip", "\x1f\x8b", 2, unpack_gzip},
	{"xz",
	 "\xfd"
	 "7zXZ",
	 6, unpack_xz},
	{"zstd", "\x28\xb5\x2f\xfd", 4, unpack_zstd},
	{"none", "", 0, copy_plain},
};

static size_t kind_of(const unsigned char *data, size_t size_bytes)
{
	size_t i = 0;

	while (size_bytes < kinds[i].magic_bytes ||
	       memcmp(data, kinds[i].magic, kinds[i].magic_bytes) != 0)
		i++;
	return i;
}

const char *unpack_kind(const unsigned char *data, size_t size_bytes)
{
	return kinds[kind_of(data, size_bytes)].name;
}

/* It grew by doubling. */
static void give(const struct output *output, unsigned char **ret, size_t *ret_bytes)
{
	*ret = realloc(output->bytes, output->nr ? output->nr : 1);
	if (!*ret)
		*ret = output->bytes;
	*ret_bytes = output->nr;
}

int unpack_deflate(const unsigned char *data, size_t size_bytes, unsigned char **ret,
		   size_t *ret_bytes)
{
	/* zlib's header to 4.8 (fs/pstore/platform.c), none since. */
	static const int windows[] = {MAX_WBITS, -MAX_WBITS};
	int r = -EBADMSG;

	for (size_t i = 0; i < 2 && r == -EBADMSG; i++) {
		struct output output = {0};
		size_t left;

		r = inflate_all(data, size_bytes, windows[i], &output, &left);
		if (r == 0)
			give(&output, ret, ret_bytes);
		else
			free(output.bytes);
	}
	return r;
}

int unpack_open(const unsigned char *data, size_t size_bytes, unsigned char **ret,
		size_t *ret_bytes)
{
	struct output output = {0};
	int r = kinds[kind_of(data, size_bytes)].unpack(data, size_bytes, &output);

	if (r < 0) {
		free(output.bytes);
		return r;
	}
	give(&output, ret, ret_bytes);
	return 0;
}

static int unpack_zstd_at_once(const unsigned char *data, size_t size_bytes,
			       size_t unpacked_bytes, unsigned char **ret)
{
	_cleanup_free_ unsigned char *bytes = malloc(unpacked_bytes + 1);
	size_t status;

	if (!bytes)
		return -ENOMEM;
	status = ZSTD_decompress(bytes, unpacked_bytes, data, size_bytes);
	if (ZSTD_isError(status))
		return zstderror_of(status, -EBADMSG);
	if (status != unpacked_bytes)
		return -EBADMSG;
	*ret = TAKE_PTR(bytes);
	return 0;
}

int unpack_of_size(const unsigned char *data, size_t size_bytes, size_t unpacked_bytes,
		   unsigned char **ret)
{
	size_t kind = kind_of(data, size_bytes);
	struct output output = {0};
	int r;

	if (unpacked_bytes > UNPACK_MAX_BYTES)
		return -EFBIG;
	if (kinds[kind].unpack == unpack_zstd)
		return unpack_zstd_at_once(data, size_bytes, unpacked_bytes, ret);
	if (kinds[kind].unpack != copy_plain) {
		/* One more, for what has no end where it ought to. */
		output.room = unpacked_bytes + 1;
		output.bytes = malloc(output.room);
		if (!output.bytes)
			return -ENOMEM;
	}
	r = kinds[kind].unpack(data, size_bytes, &output);
	if (r == 0 && output.nr != unpacked_bytes)
		r = -EBADMSG;
	if (r == 0)
		*ret = output.bytes;
	else
		free(output.bytes);
	return r;
}
