/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vmlinux as a build makes it, of the sections that a test gives. */
#ifndef KWCHECK_TESTS_BUILTIMAGE_H
#define KWCHECK_TESTS_BUILTIMAGE_H

#include <stddef.h>
#include <stdint.h>

enum { BUILTIMAGE_MAX_SECTIONS = 16, BUILTIMAGE_ROOM = 64 * 1024 };

struct builtimage_section {
	const char *name;
	uint64_t va;
	const void *bytes;
	size_t nr_bytes;
};

struct builtimage {
	unsigned char bytes[BUILTIMAGE_ROOM];
	size_t nr_bytes;
};

/* builtimage_make - each of @nr sections is a segment of its own
 * @relocs: @nr_relocs words behind the file; NULL: none.
 */
void builtimage_make(struct builtimage *ret, const struct builtimage_section sections[],
		     size_t nr, const uint32_t relocs[], size_t nr_relocs);

#endif
