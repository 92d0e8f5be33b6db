/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map, rendered. */
#ifndef KWCHECK_CMD_MAP_H
#define KWCHECK_CMD_MAP_H

#include <jansson.h>
#include <stdio.h>

#include "audit/audit.h"
#include "audit/ranges.h"

/* What is summed over the ranges that were shown. */
struct map_sums {
	uint64_t nr_ranges;
	uint64_t nr_undecided;	     /* ranges that could not be followed */
	uint64_t mapped_bytes[2][2]; /* [writable][executable] */
};

/* One range as the JSON of every form of the map. */
json_t *mapjson_range(const struct range *range);

/* A page that needs nothing but itself. Begun, given its ranges, ended. */
struct maphtml {
	FILE *file;
	bool has_range;
};

int maphtml_begin(struct maphtml *html, const struct kernel *kernel);
void maphtml_range(struct maphtml *html, const struct range *range);
/* @audit: of the security modules, to mark their arrays; NULL: none. */
void maphtml_end(struct maphtml *html, const struct map_sums *sums,
		 const struct audit *audit);

#endif
