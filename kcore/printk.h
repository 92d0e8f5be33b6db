/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log, out of its memory. */
#ifndef KWCHECK_KCORE_PRINTK_H
#define KWCHECK_KCORE_PRINTK_H

#include "kcore/kernel.h"

/* printk_read - all records as text: "[   12.345678] text", a line each
 *
 * By VMCOREINFO's offsets: the ring buffer of 5.10 and newer, the record buffer before
 * (3.5 to 5.9). A record whose memory is not there is left out.
 * @ret: malloc'ed, with a NUL behind *@ret_bytes. @ret_lost: records that could not be
 * read. Returns 0, or -errno with @err filled (ERROR_UNREADABLE).
 */
int printk_read(struct kernel *kernel, char **ret, size_t *ret_bytes, uint64_t *ret_lost,
		struct error *err);

#endif
