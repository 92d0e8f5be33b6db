/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZ4's legacy frames: a magic number, and blocks, each behind its size. The format:
 * lz4_Block_format.md and lz4_Frame_format.md ("Legacy frame") of LZ4 1.9.
 */
#include "unchanged/lz4.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAGIC_BYTES = 4,
	BLOCK_BYTES = 8 * 1024 * 1024, /* that one unpacks to, at most */
	MAX_BYTES = 512 * 1024 * 1024,
	LEAST_MATCH = 4,
	MORE = 15, /* of a length: bytes follow that are added */
};

struct block {
	const unsigned char *from, *from_end;
	unsigned char *start, *to, *to_end;
};

bool lz4_is_frame(const unsigned char *data, size_t nr_bytes)
{
	return nr_bytes >= MAGIC_BYTES && memcmp(data, "\x02\x21\x4c\x18", 4) == 0;
}

static bool read_length(struct block *block, size_t *length)
{
	unsigned char byte = 255;

	if (*length < MORE)
		return true;
	while (byte == 255) {
		if (block->from == block->from_end || *length > BLOCK_BYTES)
			return false;
		byte = *block->from++;
		*length += byte;
	}
	return true;
}

static bool copy_literals(struct block *block, size_t nr)
{
	if (!read_length(block, &nr) || nr > (size_t)(block->from_end - block->from) ||
	    nr > (size_t)(block->to_end - block->to))
		return false;
	memcpy(block->to, block->from, nr);
	block->from += nr;
	block->to += nr;
	return true;
}

/* What is copied may reach into itself: byte by byte. */
static bool copy_match(struct block *block, size_t nr)
{
	size_t back;

	if (block->from_end - block->from < 2)
		return false;
	back = block->from[0] | (size_t)block->from[1] << 8;
	block->from += 2;
	if (!read_length(block, &nr))
		return false;
	nr += LEAST_MATCH;
	if (back == 0 || back > (size_t)(block->to - block->start) ||
	    nr > (size_t)(block->to_end - block->to))
		return false;
	for (; nr > 0; nr--, block->to++)
		*block->to = *(block->to - back);
	return true;
}

/* The last sequence has literals only. */
static bool unpack_block(struct block *block)
{
	while (block->from < block->from_end) {
		unsigned char token = *block->from++;

		if (!copy_literals(block, token >> 4))
			return false;
		if (block->from == block->from_end)
			return true;
		if (!copy_match(block, token & MORE))
			return false;
	}
	return false;
}

/* One block behind what is there. Returns 0 or -errno. */
static int append(const unsigned char *data, size_t nr_bytes, unsigned char **to,
		  size_t *to_bytes)
{
	unsigned char *more = *to_bytes > MAX_BYTES - BLOCK_BYTES
				      ? NULL
				      : realloc(*to, *to_bytes + BLOCK_BYTES);
	struct block block = {.from = data, .from_end = data + nr_bytes};

	if (!more)
		return *to_bytes > MAX_BYTES - BLOCK_BYTES ? -EFBIG : -ENOMEM;
	*to = more;
	block.start = block.to = more + *to_bytes;
	block.to_end = block.start + BLOCK_BYTES;
	if (!unpack_block(&block))
		return -EBADMSG;
	*to_bytes += (size_t)(block.to - block.start);
	return 0;
}

int lz4_unpack(const unsigned char *data, size_t nr_bytes, unsigned char **ret,
	       size_t *ret_bytes)
{
	unsigned char *to = NULL;
	size_t to_bytes = 0, at = MAGIC_BYTES;
	int r = lz4_is_frame(data, nr_bytes) ? 0 : -EBADMSG;

	while (r == 0 && at < nr_bytes) {
		uint32_t bytes;

		if (nr_bytes - at < sizeof(bytes)) {
			r = -EBADMSG;
			break;
		}
		memcpy(&bytes, data + at, sizeof(bytes));
		at += sizeof(bytes);
		r = bytes > nr_bytes - at ? -EBADMSG
					  : append(data + at, bytes, &to, &to_bytes);
		at += bytes;
	}
	if (r == 0 && to_bytes == 0)
		r = -EBADMSG;
	if (r < 0) {
		free(to);
		return r;
	}
	*ret = to;
	*ret_bytes = to_bytes;
	return 0;
}
