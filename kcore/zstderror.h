/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why libzstd failed: it takes some of its memory when the first bytes have come. */
#ifndef KWCHECK_KCORE_ZSTDERROR_H
#define KWCHECK_KCORE_ZSTDERROR_H

#include <errno.h>
#include <stddef.h>
#include <zstd_errors.h>

/* @code: for which ZSTD_isError() is true. -ENOMEM, or else @otherwise. */
static inline int zstderror_of(size_t code, int otherwise)
{
	return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? -ENOMEM
								       : otherwise;
}

#endif
