/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZ4's legacy frames, in which kernels of CONFIG_KERNEL_LZ4 are packed. */
#ifndef KWCHECK_UNCHANGED_LZ4_H
#define KWCHECK_UNCHANGED_LZ4_H

#include <stdbool.h>
#include <stddef.h>

/* Does @data begin as a legacy frame does? */
bool lz4_is_frame(const unsigned char *data, size_t nr_bytes);

/* lz4_unpack - the frame that @data is, to its end
 * @ret: malloc'ed, *@ret_bytes of it. Returns 0; -EBADMSG: damaged or cut short; -EFBIG:
 * more than an image has; -ENOMEM.
 */
int lz4_unpack(const unsigned char *data, size_t nr_bytes, unsigned char **ret,
	       size_t *ret_bytes);

#endif
