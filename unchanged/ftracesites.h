/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where ftrace may patch: the calls that the compiler put at functions' entries. */
#ifndef KWCHECK_UNCHANGED_FTRACESITES_H
#define KWCHECK_UNCHANGED_FTRACESITES_H

#include "audit/report.h"

struct ftracesites {
	bool is_known;	 /* false: this kernel's list cannot be read */
	uint64_t *array; /* of addresses; ascends */
	size_t nr, room;
};

/* The symbols that are asked for; see audit_want(). */
void ftracesites_want(struct audit *audit);

/* ftracesites_take - all of ftrace_pages_start (kernel/trace/ftrace.c)
 * Returns 0 or -ENOMEM.
 */
int ftracesites_take(struct ftracesites *ret, const struct audit *audit);
void ftracesites_free(struct ftracesites *sites);

bool ftracesites_has(const struct ftracesites *sites, uint64_t va);

#endif
