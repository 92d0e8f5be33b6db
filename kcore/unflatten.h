/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a dump, as they come, into a file: those of makedumpfile's flattened form
 * (makedumpfile.h: struct makedumpfile_header, makedumpfile_data_header) where they
 * belong.
 */
#ifndef KWCHECK_KCORE_UNFLATTEN_H
#define KWCHECK_KCORE_UNFLATTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNFLATTEN_HEAD_BYTES = 4096, UNFLATTEN_RECORD_BYTES = 16 };

struct unflatten {
	int fd;
	bool is_known, is_flat; /* is_flat is decided by the first bytes */
	bool is_done;		/* the record that ends the form was there */
	unsigned char head[UNFLATTEN_RECORD_BYTES]; /* of the file, or of a record */
	size_t nr_head;
	uint64_t skip; /* bytes until the next record's header */
	uint64_t left; /* of a record's bytes */
	uint64_t at;   /* where the next byte goes */
	uint64_t end, kept_bytes;
};

/* unflatten_put - the next @size_bytes of the dump
 * Zeros take no room. Returns 0; -EOVERFLOW: more than 8 GiB that are not zeros, or than
 * 64 GiB; -EINVAL: a record that cannot be; or what writing gives.
 */
int unflatten_put(struct unflatten *file, const void *bytes, size_t size_bytes);

/* unflatten_finish - gives the file its size
 * @ret_is_cut: the form's last record, or a part of one, was not there. Returns 0 or
 * -errno.
 */
int unflatten_finish(struct unflatten *file, bool *ret_is_cut);

#endif
