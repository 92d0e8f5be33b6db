/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that QEMU may boot: which kernel it is, or why it is none. */
#ifndef KWCHECK_GUEST_BOOTIMAGE_H
#define KWCHECK_GUEST_BOOTIMAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { BOOTIMAGE_RELEASE_BYTES = 128 };

/* bootimage_read - is it a bzImage of x86-64?
 * @release: of @BOOTIMAGE_RELEASE_BYTES, "6.1.0-51-amd64"; "": the image does not say.
 * Its bytes are untrusted. Returns NULL, or what the file is instead and what to do.
 */
const char *bootimage_read(const unsigned char *bytes, size_t nr, char *release);

/* Does it begin as a bzImage does, of whichever x86? */
bool bootimage_is(const unsigned char *bytes, size_t nr);

#endif
