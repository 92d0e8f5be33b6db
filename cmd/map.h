/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a map says beside its ranges. */
#ifndef KWCHECK_CMD_MAP_H
#define KWCHECK_CMD_MAP_H

#include <stddef.h>
#include <stdint.h>

/* What is summed over the ranges that were shown. */
struct map_sums {
	uint64_t nr_ranges;
	uint64_t nr_undecided;	     /* ranges that could not be followed */
	uint64_t mapped_bytes[2][2]; /* [writable][executable] */
};

enum { MAP_PLACE_BYTES = 128 };

/* A security module's array, which ought to be sealed. */
struct map_mark {
	const char *name; /* of the module */
	uint64_t address, size_bytes;
	char symbol[MAP_PLACE_BYTES]; /* the address in words */
	const char *verdict;	      /* the audit's */
	unsigned nr_hooks;
};

struct map_marks {
	struct map_mark *array;
	size_t nr;
	size_t nr_findings; /* of the audit of security modules */
};

#endif
