/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of AVML, version 2: ranges as LiME's, each a stream of snappy frames (snappy's
 * framing_format.txt), and behind it the stream's size in 8 bytes.
 */
#include "kcore/avml.h"

#ifdef KWCHECK_SNAPPY
#include <snappy-c.h>
#endif

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/array.h"
#include "kcore/library.h"
#include "kcore/lime.h"
#include "kcore/loss.h"

#define SNAPPY_FILE "libsnappy.so.1"

enum { AVML_MAGIC = 0x4c4d5641, AVML_VERSION = 2, SIZE_BYTES = 8 };
/* Types of chunks. Types up to 0x7f that are not known must not be skipped. */
enum { CHUNK_PACKED = 0, CHUNK_PLAIN = 1, CHUNK_FIRST_SKIPPABLE = 0x80 };
enum {
	CHUNK_HEADER_BYTES = 4,	 /* type, and 3 bytes of length */
	CHUNK_SUM_BYTES = 4,	 /* before the data */
	CHUNK_MAX_BYTES = 65536, /* unpacked */
	CHUNK_MAX_PACKED = 76490 + CHUNK_SUM_BYTES,
	VARINT_MAX_BYTES = 5,
	MAX_CHUNKS = 1 << 26,
	NR_SLOTS = 16,
};

#ifdef KWCHECK_SNAPPY
static struct {
	__typeof__(snappy_uncompress) *uncompress;
} snappy;
static bool is_loaded;

const char *avml_load(void)
{
	static const struct library_function functions[] = {
		{.name = "snappy_uncompress"}};

	is_loaded = is_loaded || library_load(SNAPPY_FILE, functions, 1, &snappy) == 0;
	return is_loaded ? NULL
			 : "needs " SNAPPY_FILE " (Debian: libsnappy1v5); 'avml-convert' "
			   "makes a LiME dump of it";
}

static bool unpack(const void *bytes, size_t size_bytes, void *ret, size_t ret_bytes)
{
	size_t nr = ret_bytes;

	return is_loaded && snappy.uncompress(bytes, size_bytes, ret, &nr) == SNAPPY_OK &&
	       nr == ret_bytes;
}
#else
static const bool is_loaded;

const char *avml_load(void)
{
	return "cannot be read: this kwcheck was built without libsnappy; "
	       "'avml-convert' makes a LiME dump of it";
}

static bool unpack(const void *bytes, size_t size_bytes, void *ret, size_t ret_bytes)
{
	(void)bytes, (void)size_bytes, (void)ret, (void)ret_bytes;
	return false;
}
#endif

/* A chunk that has memory in it. */
struct chunk {
	uint64_t pa;
	uint64_t offset;     /* of its header */
	uint32_t size_bytes; /* unpacked */
	uint32_t file_bytes; /* of sum and data */
};

struct slot {
	size_t chunk; /* + 1; 0: none */
	unsigned char bytes[CHUNK_MAX_BYTES];
};

struct avml {
	int fd;
	struct chunk *chunks; /* ascending */
	size_t nr, room;
	uint32_t sums[256]; /* CRC-32C's table */
	struct slot slots[NR_SLOTS];
	unsigned char packed[CHUNK_MAX_PACKED];
};

/* CRC-32C of RFC 3720 appendix B.4, reflected. */
static void make_sums(uint32_t sums[256])
{
	static const uint32_t POLYNOMIAL = 0x82f63b78;

	for (uint32_t i = 0; i < 256; i++) {
		sums[i] = i;
		for (int bit = 0; bit < 8; bit++)
			sums[i] = sums[i] >> 1 ^ (sums[i] & 1 ? POLYNOMIAL : 0);
	}
}

/* Of the unpacked bytes, and masked, as framing_format.txt section 3 has it. */
static bool is_sum(const struct avml *avml, const unsigned char *bytes, size_t nr,
		   uint32_t want)
{
	uint32_t sum = UINT32_MAX;

	for (size_t i = 0; i < nr; i++)
		sum = avml->sums[(sum ^ bytes[i]) & 0xff] ^ sum >> 8;
	sum = ~sum;
	return (sum >> 15 | sum << 17) + 0xa282ead8 == want;
}

static int load(struct avml *avml, const struct chunk *chunk, struct slot *slot)
{
	size_t nr = chunk->file_bytes - CHUNK_SUM_BYTES;
	const unsigned char *data = avml->packed + CHUNK_HEADER_BYTES + CHUNK_SUM_BYTES;
	uint32_t sum;

	slot->chunk = 0;
	if (loss_pread(avml->fd, avml->packed, CHUNK_HEADER_BYTES + chunk->file_bytes,
		       (off_t)chunk->offset) !=
	    (ssize_t)(CHUNK_HEADER_BYTES + chunk->file_bytes))
		return -ENODATA;
	memcpy(&sum, avml->packed + CHUNK_HEADER_BYTES, sizeof(sum));
	if (avml->packed[0] == CHUNK_PLAIN)
		memcpy(slot->bytes, data, chunk->size_bytes);
	else if (!unpack(data, nr, slot->bytes, chunk->size_bytes))
		return -EIO;
	if (!is_sum(avml, slot->bytes, chunk->size_bytes, sum))
		return -EIO;
	slot->chunk = (size_t)(chunk - avml->chunks) + 1;
	return 0;
}

static const struct chunk *find(const struct avml *avml, uint64_t pa)
{
	size_t above = array_below(avml->chunks, avml->nr, sizeof(*avml->chunks),
				   offsetof(struct chunk, pa), pa + 1);
	const struct chunk *chunk = above ? &avml->chunks[above - 1] : NULL;

	return chunk && pa - chunk->pa < chunk->size_bytes ? chunk : NULL;
}

static int read_page(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	struct avml *avml = ctx;

	while (size_bytes > 0) {
		const struct chunk *chunk = find(avml, pa);
		size_t nr = chunk ? (size_t)(chunk - avml->chunks) : 0, skip, n;
		struct slot *slot = &avml->slots[nr % NR_SLOTS];
		int r;

		if (!chunk)
			return -ENODATA;
		r = slot->chunk == nr + 1 ? 0 : load(avml, chunk, slot);
		if (r < 0)
			return r;
		skip = pa - chunk->pa;
		n = chunk->size_bytes - skip < size_bytes ? chunk->size_bytes - skip
							  : size_bytes;
		memcpy(buf, slot->bytes + skip, n);
		buf = (char *)buf + n;
		pa += n;
		size_bytes -= n;
	}
	return 0;
}

static bool has_page(void *ctx, uint64_t pa)
{
	return find(ctx, pa) != NULL;
}

static void close_avml(void *ctx)
{
	struct avml *avml = ctx;

	free(avml->chunks);
	free(avml);
}

static const struct elfcore_packed reader = {
	.read = read_page,
	.has = has_page,
	.close = close_avml,
};

/* The size that packed data starts with: a varint. 0: none that can be. */
static uint32_t unpacked_bytes(const unsigned char *data, size_t nr)
{
	uint64_t size = 0;

	for (size_t i = 0; i < nr && i < VARINT_MAX_BYTES; i++) {
		size |= (uint64_t)(data[i] & 0x7f) << (7 * i);
		if (!(data[i] & 0x80))
			return size <= CHUNK_MAX_BYTES ? (uint32_t)size : 0;
	}
	return 0;
}

static int damaged(const char *path, uint64_t at, struct error *err)
{
	return error_set(err, ERROR_MALFORMED_CORE, -EINVAL,
			 "%s: AVML: neither a range's header nor a snappy chunk at byte "
			 "%" PRIu64 "; the file is damaged, copy it again",
			 path, at);
}

static int add_chunk(struct avml *avml, const struct chunk *chunk)
{
	if (avml->nr == MAX_CHUNKS || array_reserve(&avml->chunks, avml->nr, &avml->room,
						    sizeof(*avml->chunks)) < 0)
		return -ENOMEM;
	avml->chunks[avml->nr++] = *chunk;
	return 0;
}

/* Goes through the chunks of one range, up to @last, from *@at on. -ENODATA: the file
 * ends before they do. -EINVAL: there is none where one ought to be.
 */
static int read_chunks(struct avml *avml, uint64_t first, uint64_t last, uint64_t *at)
{
	uint64_t pa = first;

	while (pa <= last) {
		unsigned char
			head[CHUNK_HEADER_BYTES + CHUNK_SUM_BYTES + VARINT_MAX_BYTES];
		ssize_t n = loss_pread(avml->fd, head, sizeof(head), (off_t)*at);
		struct chunk chunk = {.pa = pa, .offset = *at};
		uint32_t bytes;
		int r;

		if (n < CHUNK_HEADER_BYTES)
			return -ENODATA;
		bytes = head[1] | (uint32_t)head[2] << 8 | (uint32_t)head[3] << 16;
		*at += CHUNK_HEADER_BYTES + bytes;
		if (head[0] >= CHUNK_FIRST_SKIPPABLE)
			continue;
		chunk.file_bytes = bytes;
		if (head[0] > CHUNK_PLAIN || bytes <= CHUNK_SUM_BYTES ||
		    CHUNK_HEADER_BYTES + bytes > CHUNK_MAX_PACKED)
			return -EINVAL;
		if (n < (ssize_t)sizeof(head))
			return -ENODATA;
		chunk.size_bytes = head[0] == CHUNK_PLAIN
					   ? bytes - CHUNK_SUM_BYTES
					   : unpacked_bytes(head + CHUNK_HEADER_BYTES +
								    CHUNK_SUM_BYTES,
							    bytes - CHUNK_SUM_BYTES);
		if (chunk.size_bytes == 0 || chunk.size_bytes > CHUNK_MAX_BYTES ||
		    chunk.size_bytes - 1 > last - pa)
			return -EINVAL;
		r = add_chunk(avml, &chunk);
		if (r < 0)
			return r;
		pa += chunk.size_bytes;
	}
	return 0;
}

/* Neighbours are one segment. */
static int add_range(struct elfcore *core, uint64_t first, uint64_t last)
{
	struct elfcore_segment *end = core->nr_segments
					      ? &core->segments[core->nr_segments - 1]
					      : NULL;
	const struct elfcore_segment segment = {
		.va = first,
		.pa = first,
		.size_bytes = last - first + 1,
		.memory_bytes = last - first + 1,
	};

	if (!end || end->pa + end->memory_bytes != first)
		return elfcore_add_segment(core, &segment);
	end->size_bytes += segment.size_bytes;
	end->memory_bytes += segment.memory_bytes;
	return 0;
}

static int read_ranges(struct elfcore *core, struct avml *avml, uint64_t file_bytes,
		       const char *path, struct error *err)
{
	uint64_t at = 0, end = 0;

	while (file_bytes > at) {
		struct lime_header header;
		int r;

		if (file_bytes - at < LIME_HEADER_BYTES) {
			core->is_cut = true;
			return 0;
		}
		if (loss_pread(avml->fd, &header, sizeof(header), (off_t)at) !=
		    sizeof(header))
			return error_set(err, ERROR_FILE, -EIO, "%s: %s", path,
					 strerror(EIO));
		if (header.magic != AVML_MAGIC || header.version != AVML_VERSION ||
		    header.first < end || header.last < header.first ||
		    header.last >= INT64_MAX || core->nr_segments == LIME_MAX_RANGES)
			return damaged(path, at, err);
		end = header.last + 1;
		at += LIME_HEADER_BYTES;
		r = add_range(core, header.first, header.last);
		if (r == 0)
			r = read_chunks(avml, header.first, header.last, &at);
		if (r == -EINVAL)
			return damaged(path, at, err);
		core->is_cut |= r == -ENODATA || at > file_bytes;
		if (r < 0 || at > file_bytes)
			return r == -ENODATA ? 0 : r;
		at += SIZE_BYTES;
	}
	return 0;
}

int avml_open(struct elfcore *ret, int fd, const char *path, struct error *err)
{
	struct elfcore core = {.fd = fd};
	struct avml *avml;
	struct stat st;
	int r;

	if (!is_loaded)
		return error_set(err, ERROR_NOT_BUILT_IN, -ENOTSUP, "%s: an AVML dump %s",
				 path, avml_load());
	if (fstat(fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
	avml = calloc(1, sizeof(*avml));
	if (!avml)
		return -ENOMEM;
	avml->fd = fd;
	make_sums(avml->sums);
	core.packed = &reader;
	core.packed_ctx = avml;
	r = read_ranges(&core, avml, (uint64_t)st.st_size, path, err);
	if (r < 0)
		elfcore_close(&core);
	else
		*ret = core;
	return r;
}
