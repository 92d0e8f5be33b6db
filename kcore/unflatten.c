/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a dump, as they come, into a file. */
#include "kcore/unflatten.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kcore/form.h"
#include "kcore/writeall.h"

enum { PIECE_BYTES = 4096 };
static const uint64_t MAX_KEPT_BYTES = 8ULL << 30, MAX_BYTES = 64ULL << 30;

static bool is_zero(const char *bytes, size_t size_bytes)
{
	return size_bytes == 0 ||
	       (bytes[0] == 0 && memcmp(bytes, bytes + 1, size_bytes - 1) == 0);
}

/* Zeros are written only over what may be something else. */
static int store(struct unflatten *file, const char *bytes, size_t size_bytes)
{
	while (size_bytes > 0) {
		size_t n = size_bytes < PIECE_BYTES ? size_bytes : PIECE_BYTES;
		int r = 0;

		if (file->at > MAX_BYTES - n)
			return -EOVERFLOW;
		if (file->at < file->end || !is_zero(bytes, n)) {
			file->kept_bytes += n;
			if (file->kept_bytes > MAX_KEPT_BYTES)
				return -EOVERFLOW;
			r = writeall_at(file->fd, bytes, n, file->at);
		}
		if (r < 0)
			return r;
		bytes += n;
		size_bytes -= n;
		file->at += n;
		if (file->at > file->end)
			file->end = file->at;
	}
	return 0;
}

/* Takes what the head has room for. Returns how many bytes that was. */
static size_t fill_head(struct unflatten *file, const char *bytes, size_t size_bytes)
{
	size_t n = UNFLATTEN_RECORD_BYTES - file->nr_head;

	if (n > size_bytes)
		n = size_bytes;
	memcpy(file->head + file->nr_head, bytes, n);
	file->nr_head += n;
	return n;
}

static int decide(struct unflatten *file)
{
	file->is_known = true;
	file->is_flat = form_of(file->head, file->nr_head)->kind == FORM_FLAT;
	if (!file->is_flat)
		return store(file, (const char *)file->head, file->nr_head);
	file->skip = UNFLATTEN_HEAD_BYTES - file->nr_head;
	file->nr_head = 0;
	return 0;
}

/* Both numbers are big-endian; a negative offset is the end. */
static int begin_record(struct unflatten *file)
{
	int64_t offset, size;

	memcpy(&offset, file->head, sizeof(offset));
	memcpy(&size, file->head + sizeof(offset), sizeof(size));
	offset = (int64_t)be64toh((uint64_t)offset);
	size = (int64_t)be64toh((uint64_t)size);
	file->nr_head = 0;
	if (offset < 0 && size < 0) {
		file->is_done = true;
		return 0;
	}
	if (offset < 0 || size < 0)
		return -EINVAL;
	file->at = (uint64_t)offset;
	file->left = (uint64_t)size;
	return 0;
}

static int put_flat(struct unflatten *file, const char *bytes, size_t size_bytes)
{
	while (size_bytes > 0 && !file->is_done) {
		uint64_t *rest = file->skip ? &file->skip : &file->left;
		size_t n = *rest < size_bytes ? *rest : size_bytes;
		int r = 0;

		if (*rest == 0) {
			n = fill_head(file, bytes, size_bytes);
			if (file->nr_head == UNFLATTEN_RECORD_BYTES)
				r = begin_record(file);
		} else {
			if (rest == &file->left)
				r = store(file, bytes, n);
			*rest -= n;
		}
		if (r < 0)
			return r;
		bytes += n;
		size_bytes -= n;
	}
	return 0;
}

int unflatten_put(struct unflatten *file, const void *bytes, size_t size_bytes)
{
	if (!file->is_known) {
		size_t n = fill_head(file, bytes, size_bytes);
		int r = file->nr_head == UNFLATTEN_RECORD_BYTES ? decide(file) : 0;

		if (r < 0)
			return r;
		bytes = (const char *)bytes + n;
		size_bytes -= n;
	}
	return file->is_flat ? put_flat(file, bytes, size_bytes)
			     : store(file, bytes, size_bytes);
}

int unflatten_finish(struct unflatten *file, bool *ret_is_cut)
{
	int r = file->is_known ? 0 : decide(file);

	*ret_is_cut = file->is_flat && !file->is_done;
	return r == 0 && ftruncate(file->fd, (off_t)file->end) < 0 ? -errno : r;
}
