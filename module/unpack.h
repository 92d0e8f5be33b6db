/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a file that may be compressed. */
#ifndef KWCHECK_MODULE_UNPACK_H
#define KWCHECK_MODULE_UNPACK_H

#include <stddef.h>

/* No module comes near it: the largest of four Debian kernels has 22 MB. */
enum { UNPACK_MAX_BYTES = 512 * 1024 * 1024 };

/* unpack_open - @data as it is, or unpacked if it is gzip, xz or zstd by its first bytes
 *
 * @ret: malloc'ed, *@ret_bytes of it. What follows the first member (zstd: frame) is an
 * error, as it is for kmod's unpackers. Returns 0; -EFBIG: more than UNPACK_MAX_BYTES
 * when unpacked; -EBADMSG: damaged or cut short; -ENOMEM.
 */
int unpack_open(const unsigned char *data, size_t size_bytes, unsigned char **ret,
		size_t *ret_bytes);

/* unpack_of_size - the same, where what comes out is known to be @unpacked_bytes
 * Another size is -EBADMSG. zstd needs no window beside the output then, which for a
 * kernel is as large as that.
 */
int unpack_of_size(const unsigned char *data, size_t size_bytes, size_t unpacked_bytes,
		   unsigned char **ret);

/* unpack_deflate - @data as pstore compresses a record: deflate, with zlib's header or
 * without. What a backend put behind its end does not matter. @ret as above. Returns 0;
 * -EFBIG, -EBADMSG, -ENOMEM as above.
 */
int unpack_deflate(const unsigned char *data, size_t size_bytes, unsigned char **ret,
		   size_t *ret_bytes);

/* "gzip", "xz", "zstd", or "none". */
const char *unpack_kind(const unsigned char *data, size_t size_bytes);

#endif
