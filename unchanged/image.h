/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's image as it was built: a bzImage or a vmlinux, relocated to where the
 * kernel runs.
 */
#ifndef KWCHECK_UNCHANGED_IMAGE_H
#define KWCHECK_UNCHANGED_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For image_open(): addresses as the image was linked. */
static const uint64_t IMAGE_AS_LINKED = 0;

enum { IMAGE_MAX_LOADS = 16, IMAGE_MAX_SECTIONS = 256, IMAGE_NAME_BYTES = 48 };

/* A piece of the file that the loader copies. */
struct image_load {
	uint64_t va, offset, size_bytes;
};

struct image_section {
	char name[IMAGE_NAME_BYTES];
	uint64_t va, size_bytes; /* va: where the kernel runs */
	bool has_bytes;		 /* in the file, and in memory */
};

struct image {
	unsigned char *bytes; /* of the vmlinux; owned */
	size_t nr_bytes;
	uint64_t delta; /* what KASLR added to all addresses */
	struct image_load loads[IMAGE_MAX_LOADS];
	size_t nr_loads;
	struct image_section sections[IMAGE_MAX_SECTIONS];
	size_t nr_sections;
};

/* image_open - unpacks @data, a file's bytes, and relocates it
 * @text: where the kernel's _text is, or IMAGE_AS_LINKED. *@why: static text, where it
 * fails with another error than -ENOMEM: -EBADMSG (damaged, or no kernel), -ENOTSUP.
 */
int image_open(struct image *ret, const unsigned char *data, size_t nr_bytes,
	       uint64_t text, const char **why);
void image_close(struct image *image);

/* @nr_bytes of the image at @va, an address of the running kernel; NULL: not in the file.
 */
const unsigned char *image_at(const struct image *image, uint64_t va, uint64_t nr_bytes);

/* The section of that name; NULL: none. */
const struct image_section *image_find(const struct image *image, const char *name);

#endif
