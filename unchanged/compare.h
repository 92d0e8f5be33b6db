/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants, byte by byte, against the image that was built. */
#ifndef KWCHECK_UNCHANGED_COMPARE_H
#define KWCHECK_UNCHANGED_COMPARE_H

#include "audit/report.h"
#include "unchanged/owner.h"

/* The image that a person named, or that was found. */
struct compare_file {
	int fd;		  /* -1: there is none */
	const char *name; /* or where it was looked for */
};

/* The symbols that are asked for; see audit_want(). */
void compare_want(struct audit *audit);

/* compare_check - adds the rows "text against its image" and "constants against their
 * image"
 * Without a file one row says so, as information.
 */
void compare_check(struct audit *audit, const struct owner_records *records,
		   const struct compare_file *file);

#endif
