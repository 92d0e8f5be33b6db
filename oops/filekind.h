/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is that is no text, and how a kernel log is got from it. */
#ifndef KWCHECK_OOPS_FILEKIND_H
#define KWCHECK_OOPS_FILEKIND_H

#include <stdbool.h>
#include <stddef.h>

/* The first bytes that filekind_of() wants to see. */
enum { FILEKIND_BYTES = 4096 };

struct filekind {
	const char *name;   /* "an ELF core" */
	const char *advice; /* what to do */
	/* It has no lines, however much text is inside; else it is worth a look. */
	bool is_final;
};

/* filekind_of - what @bytes, the start of a file, are; NULL: text, for all one can see
 * gzip, xz and zstd are none of these kinds: they are unpacked before.
 */
const struct filekind *filekind_of(const void *bytes, size_t nr);

#endif
