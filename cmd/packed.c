/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that a page carries deflated, in base64. */
#include "cmd/packed.h"

#include <errno.h>
#include <nettle/base64.h>
#include <stdlib.h>

#include "kcore/loss.h"

void packed_open(struct packed *ret)
{
	*ret = (struct packed){0};
	ret->has_failed = deflateInit(&ret->stream, Z_DEFAULT_COMPRESSION) != Z_OK;
}

static bool grow(struct packed *packed)
{
	size_t room = packed->room ? packed->room * 2 : 64 * 1024;
	unsigned char *bytes = realloc(packed->bytes, room);

	if (!bytes)
		return false;
	packed->bytes = bytes;
	packed->room = room;
	return true;
}

static void push(struct packed *packed, int flush)
{
	z_stream *stream = &packed->stream;
	int r = Z_OK;

	while (!packed->has_failed && r != Z_STREAM_END &&
	       (stream->avail_in || flush == Z_FINISH)) {
		if (packed->nr == packed->room && !grow(packed)) {
			packed->has_failed = true;
			return;
		}
		stream->next_out = packed->bytes + packed->nr;
		stream->avail_out = (uInt)(packed->room - packed->nr);
		r = deflate(stream, flush);
		packed->nr = packed->room - stream->avail_out;
		packed->has_failed = r == Z_STREAM_ERROR;
	}
}

void packed_put(struct packed *packed, const char *text, size_t text_bytes)
{
	packed->stream.next_in = (z_const Bytef *)text;
	packed->stream.avail_in = (uInt)text_bytes;
	push(packed, Z_NO_FLUSH);
}

char *packed_close(struct packed *packed)
{
	char *ret = NULL;

	push(packed, Z_FINISH);
	deflateEnd(&packed->stream);
	if (!packed->has_failed)
		ret = malloc(BASE64_ENCODE_RAW_LENGTH(packed->nr) + 1);
	if (ret) {
		base64_encode_raw(ret, packed->nr, packed->bytes);
		ret[BASE64_ENCODE_RAW_LENGTH(packed->nr)] = '\0';
	} else {
		loss_note("what a page carries", ENOMEM);
	}
	free(packed->bytes);
	*packed = (struct packed){0};
	return ret;
}
