/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An initramfs: a cpio archive in the "newc" form. */
#ifndef KWCHECK_GUEST_CPIO_H
#define KWCHECK_GUEST_CPIO_H

#include <stddef.h>
#include <stdint.h>

/* Zero is empty. */
struct cpio {
	unsigned char *bytes; /* nr of them, owned */
	size_t nr, room;
	unsigned nr_entries;
};

enum cpio_kind {
	CPIO_FOLDER = 0040755,
	CPIO_PROGRAM = 0100755,
	CPIO_CHARDEV = 0020600,
};

/* cpio_add - one entry; its folder has to come before it
 * @name: without a slash in front. @data: @nr_data bytes of a file; a device has none,
 * its number is @major, @minor. Returns 0, -ENOMEM, or -E2BIG.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst.
 */
int cpio_add(struct cpio *cpio, const char *name, enum cpio_kind kind, const void *data,
	     size_t nr_data);
int cpio_add_device(struct cpio *cpio, const char *name, unsigned major, unsigned minor);

/* The archive's last entry. Returns 0, or -ENOMEM. */
int cpio_end(struct cpio *cpio);

void cpio_free(struct cpio *cpio);

#endif
