/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of LiME, of its form "lime". */
#include "kcore/lime.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/loss.h"

_Static_assert(sizeof(struct lime_header) == LIME_HEADER_BYTES, "lime_header");

enum { LIME_MAGIC = 0x4c694d45, LIME_VERSION = 1 };

static bool is_range(const struct lime_header *header)
{
	return header->magic == LIME_MAGIC && header->version == LIME_VERSION &&
	       header->last >= header->first &&
	       header->last - header->first < INT64_MAX && header->last < INT64_MAX;
}

static int add_range(struct elfcore *core, const struct lime_header *header, uint64_t at,
		     uint64_t file_bytes)
{
	struct elfcore_segment segment = {
		.va = header->first,
		.pa = header->first,
		.memory_bytes = header->last - header->first + 1,
		.offset = at,
	};

	segment.size_bytes = segment.memory_bytes;
	if (segment.size_bytes > file_bytes - at) {
		segment.size_bytes = file_bytes - at;
		segment.is_cut = core->is_cut = true;
	}
	return elfcore_add_segment(core, &segment);
}

static int read_ranges(struct elfcore *core, int fd, uint64_t file_bytes,
		       const char *path, struct error *err)
{
	uint64_t at = 0;

	while (file_bytes - at >= LIME_HEADER_BYTES) {
		struct lime_header header;
		uint64_t bytes;
		int r;

		if (loss_pread(fd, &header, sizeof(header), (off_t)at) != sizeof(header))
			return error_set(err, ERROR_FILE, -EIO, "%s: %s", path,
					 strerror(EIO));
		if (!is_range(&header) || core->nr_segments == LIME_MAX_RANGES)
			return error_set(
				err, ERROR_MALFORMED_CORE, -EINVAL,
				"%s: LiME: there is no range's header at byte %" PRIu64
				"; the file is damaged, copy it again",
				path, at);
		at += LIME_HEADER_BYTES;
		bytes = header.last - header.first + 1;
		r = add_range(core, &header, at, file_bytes);
		if (r < 0)
			return r;
		if (bytes > file_bytes - at)
			return 0;
		at += bytes;
	}
	core->is_cut = at != file_bytes;
	return 0;
}

int lime_open(struct elfcore *ret, int fd, const char *path, struct error *err)
{
	struct elfcore core = {.fd = fd};
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
	r = read_ranges(&core, fd, (uint64_t)st.st_size, path, err);
	return elfcore_hand_over(ret, &core, r, path, err);
}
