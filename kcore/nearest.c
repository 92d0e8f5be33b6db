/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names nearest to one that there is not: "did you mean ...". */
#include "kcore/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NAME_BYTES = 512 }; /* as long as a kernel's symbol may be */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* In either case: of names few differ in that alone. */
static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Letters left out, added, changed, or two neighbours swapped (optimal string alignment),
 * given up past @limit.
 */
static unsigned distance(const char *a, const char *b, unsigned limit)
{
	size_t a_bytes = strlen(a), b_bytes = strlen(b);
	/* From the first letters of @a, one more in each row, to the first j of @b. */
	unsigned rows[3][MAX_NAME_BYTES + 1];
	unsigned best_before = 0;

	if (a_bytes > b_bytes + limit || b_bytes > a_bytes + limit ||
	    b_bytes > MAX_NAME_BYTES)
		return limit + 1;
	for (size_t j = 0; j <= b_bytes; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_bytes; i++) {
		unsigned *row = rows[i % 3], *before = rows[(i + 2) % 3];
		unsigned *swapped = rows[(i + 1) % 3], best = (unsigned)i;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_bytes; j++) {
			row[j] = before[j - 1] + !is_same(a[i - 1], b[j - 1]);
			row[j] = least(row[j], least(before[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
			    is_same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], swapped[j - 2] + 1);
			best = least(best, row[j]);
		}
		if (best > limit && best_before > limit)
			return limit + 1;
		best_before = best;
	}
	return rows[a_bytes % 3][b_bytes];
}

/* Half the name may differ, three letters at most: more is another word. */
static unsigned limit_of(const char *name)
{
	size_t bytes = strlen(name);

	return bytes < 6 ? (unsigned)bytes / 2 : 3;
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	unsigned limit = limit_of(nearest->name),
		 far = distance(nearest->name, candidate, limit);
	size_t at = nearest->nr;

	if (far > limit)
		return;
	for (size_t i = 0; i < nearest->nr; i++)
		if (strcmp(nearest->found[i], candidate) == 0)
			return;
	while (at > 0 && nearest->distances[at - 1] > far)
		at--;
	if (at == NEAREST_MAX)
		return;
	if (nearest->nr < NEAREST_MAX)
		nearest->nr++;
	for (size_t i = nearest->nr - 1; i > at; i--) {
		nearest->distances[i] = nearest->distances[i - 1];
		nearest->found[i] = nearest->found[i - 1];
	}
	nearest->distances[at] = far;
	nearest->found[at] = candidate;
}

void nearest_guess(const struct nearest *nearest, char ret[NEAREST_GUESS_BYTES])
{
	size_t used = 0;

	*ret = '\0';
	for (size_t i = 0; i < nearest->nr; i++)
		used += (size_t)snprintf(ret + used, NEAREST_GUESS_BYTES - used,
					 "%s%.70s", i ? ", " : "; did you mean ",
					 nearest->found[i]);
}
