/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounds of one run in the machine. */
#ifndef KWCHECK_MACHINE_LIMITS_H
#define KWCHECK_MACHINE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

enum { MACHINE_MAX_DEPTH = 512 };

struct machine_limits {
	uint64_t instructions;
	uint64_t milliseconds; /* of CPU time */
	size_t pages;	       /* fetched */
	size_t depth;	       /* of calls; at most MACHINE_MAX_DEPTH */
};

/* The bounds where nobody gave others. */
extern const struct machine_limits limits_default;

#endif
