/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that was not booted as a core: its image, with the rights that its sections
 * will have.
 */
#ifndef KWCHECK_UNCHANGED_IMAGECORE_H
#define KWCHECK_UNCHANGED_IMAGECORE_H

#include <stddef.h>

#include "kcore/error.h"

/* imagecore_write - a core of what the image @data tells of the kernel once it has booted
 *
 * Constants are in it, and the few variables that are what they were built as until
 * somebody asks for another value. What is filled in at boot is not: the core lacks it,
 * as a dump lacks pages. Its page tables map the image's sections with the rights that
 * the kernel gives them at the end of its boot, without KASLR; what the image does not
 * tell is not mapped in them, and kernel->is_unbooted says that this means nothing.
 * @data: untrusted, a bzImage or a vmlinux; @path: for messages; @fd: an empty file.
 * Returns 0, or -errno with @err filled.
 */
int imagecore_write(const char *path, const unsigned char *data, size_t nr_bytes, int fd,
		    struct error *err);

#endif
