/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map as one HTML page, which needs nothing but itself. */
#ifndef KWCHECK_CMD_MAP_HTML_H
#define KWCHECK_CMD_MAP_HTML_H

#include <stdio.h>

#include "audit/ranges.h"
#include "cmd/kernelfacts.h"
#include "cmd/map.h"
#include "cmd/packed.h"

/* Ranges that the page has as they are. All after them it has packed: a machine of
 * terabytes has a range for each of a hundred thousand stacks.
 */
enum { MAP_HTML_PLAIN = 4000 };

/* Begun, given its ranges, ended. */
struct map_html {
	FILE *file;
	size_t nr_ranges;
	struct packed more; /* open once there are more than MAP_HTML_PLAIN */
};

int map_html_begin(struct map_html *html, const struct kernelfacts *facts);
void map_html_range(struct map_html *html, const struct range *range);
/* @names: map_names() of the kernel's, or NULL where it has none. */
void map_html_end(struct map_html *html, const struct map_sums *sums,
		  const struct map_marks *marks, const char *names);

#endif
