/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names nearest to one that there is not: "did you mean ...". */
#ifndef KWCHECK_KCORE_NEAREST_H
#define KWCHECK_KCORE_NEAREST_H

#include <stddef.h>

enum { NEAREST_MAX = 3, NEAREST_GUESS_BYTES = 3 * 80 };

struct nearest {
	const char *name; /* what was asked for; borrowed */
	size_t nr;	  /* of found, the nearest first */
	const char *found[NEAREST_MAX];
	unsigned distances[NEAREST_MAX];
};

/* nearest_offer - keeps @candidate where it is among the nearest to nearest->name
 * By edit distance, up to half the name and three letters. @candidate: borrowed. One that
 * was offered before is left alone.
 */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* nearest_guess - "; did you mean a, b", or "" where nothing is near */
void nearest_guess(const struct nearest *nearest, char ret[NEAREST_GUESS_BYTES]);

#endif
