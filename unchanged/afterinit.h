/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data that is written while booting or loading, and sealed then: what can be said of it.
 */
#ifndef KWCHECK_UNCHANGED_AFTERINIT_H
#define KWCHECK_UNCHANGED_AFTERINIT_H

#include "unchanged/comparison.h"

/* Words of it. */
struct afterinit {
	struct comparison *comparison;
	uint64_t text, text_bytes; /* of a module; 0: of the kernel alone */
	size_t nr_words, nr_written;
	size_t nr_led; /* of the written ones: to another function of the same text */
};

/* The symbols that are asked for; see audit_want(). */
void afterinit_want(struct audit *audit);

/* afterinit_words - @nr_bytes that now are at @va
 * A word that was built as a pointer to a function still is one, or zero; and to a
 * constant likewise. In a table of hooks it is the same. Other words may be anything.
 * -ENOENT: the image has no such bytes.
 */
int afterinit_words(struct afterinit *afterinit, const unsigned char *now, uint64_t va,
		    uint64_t nr_bytes);

/* "3 of them written", as the end of the row's detail. */
void afterinit_count(const struct afterinit *afterinit);

/* afterinit_check - adds the row "data sealed after boot against its image"
 * Its tables of switches and static calls are sorted at boot, and have the entries that
 * were built.
 */
void afterinit_check(struct audit *audit, const struct image *image);

#endif
