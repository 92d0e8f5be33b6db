/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map as one HTML page, which needs nothing but itself. */
#ifndef KWCHECK_CMD_MAP_HTML_H
#define KWCHECK_CMD_MAP_HTML_H

#include <stdio.h>

#include "audit/audit.h"
#include "audit/ranges.h"
#include "cmd/kernelfacts.h"

/* What is summed over the ranges that were shown. */
struct map_sums {
	uint64_t nr_ranges;
	uint64_t nr_undecided;	     /* ranges that could not be followed */
	uint64_t mapped_bytes[2][2]; /* [writable][executable] */
};

/* A page that needs nothing but itself. Begun, given its ranges, ended. */
struct map_html {
	FILE *file;
	bool has_range;
};

int map_html_begin(struct map_html *html, const struct kernelfacts *facts);
void map_html_range(struct map_html *html, const struct range *range);
/* @audit: of the security modules, to mark their arrays; NULL: none. */
void map_html_end(struct map_html *html, const struct map_sums *sums,
		  const struct audit *audit);

#endif
